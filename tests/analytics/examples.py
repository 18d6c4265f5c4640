"""Number of examples of property tests: see `tests.seeds`."""

from tests.seeds import IS_SEARCH, examples

__all__ = ["IS_SEARCH", "examples"]
