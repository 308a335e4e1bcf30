"""The test of the way out, and of what the sender's domain says of itself, before each mailing."""
