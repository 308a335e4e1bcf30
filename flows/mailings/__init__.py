"""Sending: an edition to its audience, notes to one person, and what the provider says."""
