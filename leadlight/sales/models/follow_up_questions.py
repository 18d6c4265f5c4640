"""Users who are not asked for a follow-up when they win a lead."""

from __future__ import annotations

from django.db import models

from leadlight.accounts.models import User


class NoFollowUpQuestion(models.Model):
    """Choice of a user: pages do not propose a follow-up after a lead was won."""

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="no_follow_up_question"
    )

    def __str__(self) -> str:
        return str(self.user)

    @classmethod
    def is_asked(cls, user: User) -> bool:
        return not cls.objects.filter(user=user).exists()

    @classmethod
    def switch(cls, user: User, *, is_asked: bool) -> None:
        if is_asked:
            cls.objects.filter(user=user).delete()
        else:
            cls.objects.get_or_create(user=user)
