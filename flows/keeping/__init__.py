"""Backup, restore and claim of the database, and the fence that lets only one copy of it send."""
