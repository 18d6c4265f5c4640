"""Error for violated business rules, shared with `accounts`."""

from leadlight.accounts.refusals import Refused

__all__ = ["Refused"]
