"""How many examples the properties of analytics try: see `tests.seeds`."""

from tests.seeds import IS_SEARCH, examples

__all__ = ["IS_SEARCH", "examples"]
