"""The cache in the database, which counts attempts to sign in for all processes."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import router, transaction


class CountedInDatabase(DatabaseCache):
    """Django's own, but a database that another writer holds is an error to its caller.

    Django lets such a write fail in silence, and a count that was not kept reads as one attempt
    too many. The transaction is begun here, outside of what Django catches.
    """

    def _base_set(self, *arguments: Any, **more: Any) -> bool:
        with transaction.atomic(using=router.db_for_write(self.cache_model_class)):
            return bool(super()._base_set(*arguments, **more))  # type: ignore[misc]
