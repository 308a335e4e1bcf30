"""The way out: leaving, coming back from a slip of the hand, being forgotten."""
