"""Password validators in addition to those of Django."""

from __future__ import annotations

from django.contrib.auth.password_validation import UserAttributeSimilarityValidator
from django.utils.translation import gettext as _


class UnlikeOwnNameValidator(UserAttributeSimilarityValidator):
    """Reject passwords similar to one of the user's attributes, properties included.

    The error message names no attribute: for a property, Django would show its Python name.
    """

    def get_error_message(self) -> str:
        return _("The password is too similar to the name or email address of this account.")
