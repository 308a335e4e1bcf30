"""Readers across the rooms: who gets what, and what is done to one person."""
