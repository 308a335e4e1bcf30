"""The way in: a form, a request, a confirmation by mail."""
