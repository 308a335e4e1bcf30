"""Rules are tried on many examples; a slow machine is no reason for one to fail."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
