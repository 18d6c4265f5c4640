"""Password rules of this project, beside those of Django."""

from __future__ import annotations

from django.contrib.auth.password_validation import UserAttributeSimilarityValidator
from django.utils.translation import gettext as _


class UnlikeOwnNameValidator(UserAttributeSimilarityValidator):
    """Refuse passwords similar to one of a person's attributes, properties included.

    Django's own sentence names the model's field, which a property is not.
    """

    def get_error_message(self) -> str:
        return _("The password is too similar to the name or e-mail address of this account.")
