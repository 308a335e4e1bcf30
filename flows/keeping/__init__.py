"""One database sends: copies are known for copies, backups are made, restored and claimed."""
