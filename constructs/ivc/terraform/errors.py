"""The one error of reading what a synthesis wrote."""


class EstateError(ValueError):
    """A folder that cannot be read; its text is one sentence for a person."""
