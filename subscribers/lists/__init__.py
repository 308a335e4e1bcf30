"""Lists in and out: CSV files of our own kind and of other services."""
