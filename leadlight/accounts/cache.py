"""Database cache that counts sign-in attempts for all processes."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import router, transaction


class CountedInDatabase(DatabaseCache):
    """Django's database cache, except that a write to a locked database raises its error.

    Django ignores the error of a failed write, and allauth then takes the missing count for an
    exceeded limit. The transaction begins here, outside the block whose errors Django catches.
    """

    def _base_set(self, *arguments: Any, **more: Any) -> bool:
        with transaction.atomic(using=router.db_for_write(self.cache_model_class)):
            return bool(super()._base_set(*arguments, **more))  # type: ignore[misc]
