"""What the wiring itself can find wrong."""


class SettingsWrong(Exception):
    """lettermill.toml or the environment is not right; the text says file, line, key and cure."""


class Held(Exception):
    """Nothing is broken, but a person must decide before it goes on."""


class Busy(Exception):
    """The site cannot write at this moment; nothing was written, and it may be tried again."""


class CopyUnusable(Exception):
    """A copy of the database could not be made, or is none to go on with; nothing was changed."""
