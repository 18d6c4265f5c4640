"""Saying no to a seller, in a sentence that can be shown."""


class Refused(Exception):
    """The business does not allow this; the message says why, in the reader's language."""
