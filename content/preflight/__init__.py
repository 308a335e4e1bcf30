"""What is looked at before a letter goes out: faults that block it, and doubts that need a yes."""
