"""Asking a server on the web, and being done in time."""
