"""The past year as it would have been, and the year to come, on a virtual clock."""
