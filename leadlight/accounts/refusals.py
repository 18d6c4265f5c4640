"""Error for violated business rules, with a message for the user."""


class Refused(Exception):
    """Violation of a business rule; the message gives the reason in the user's language."""
