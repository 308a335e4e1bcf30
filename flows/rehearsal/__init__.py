"""Rehearse the past year, and the year to come, on a virtual clock."""
