"""The one error a caller sees."""


class PracticeError(Exception):
    """One sentence: what is wrong, where, and what to do about it. Nothing else of it needs to be shown."""
