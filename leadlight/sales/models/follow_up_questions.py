"""Opt-outs from the question for a follow-up after a won lead."""

from __future__ import annotations

from django.db import models

from leadlight.accounts.models import User


class NoFollowUpQuestion(models.Model):
    """Opt-out of one user: pages do not propose a follow-up after the user won a lead."""

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
