"""Forms of comments: their texts, the people whom they mention, and their pins."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.models import Lead, LeadEvent
from leadlight.sales.models.comments import mentioned_ids
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.valid_values import LONGEST_TEXT
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.leads.forms.values import SAVE


def text_for_readers(lead: Lead, text: str) -> str:
    """Return the text of a comment.

    Raises ValidationError if it mentions a person who may not see the lead.
    """
    ids = mentioned_ids(text)
    readers = set(access.readers_of(lead).filter(pk__in=ids).values_list("pk", flat=True))
    for user in User.objects.filter(pk__in=ids - readers):
        raise ValidationError(
            gettext("%(user)s cannot see this lead, and cannot be mentioned.") % {"user": user}
        )
    return text


class TextForm(ChangeForm):
    """Form with the text of a comment, which proposes people to mention."""

    def __init__(self, lead: Lead, user: User, data: Any = None) -> None:
        super().__init__(lead, user, data)
        address = reverse("mentionable", args=[lead.key])
        self.fields["text"].widget.attrs["data-mentions"] = address

    def clean_text(self) -> str:
        return text_for_readers(self.lead, self.cleaned_data["text"])


class CommentForm(TextForm):
    title = _("Comment")
    button = _("Add a comment")
    text = forms.CharField(
        label=_("Comment"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "data-draft": ""}),
    )

    def save(self) -> str:
        self.lead.comment(self.cleaned_data["text"].replace("\r\n", "\n"), by=self.user)
        return gettext("Comment added.")


class EditCommentForm(TextForm):
    """Change of a comment by its author; an empty text removes it."""

    title = _("Edit the comment")
    button = SAVE
    text = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("An empty text removes the comment."),
    )

    def __init__(self, lead: Lead, user: User, data: Any = None, *, comment: LeadEvent) -> None:
        self.comment = comment
        self.query = "?" + urlencode({"comment": comment.key})
        super().__init__(lead, user, data)

    def current(self) -> dict[str, Any]:
        edits = self.lead.events.filter(kind=Kind.COMMENT, about=self.comment.key)
        last = edits.order_by("pk").last()
        return {"text": self.comment.value if last is None else last.value}

    def save(self) -> str:
        text = self.cleaned_data["text"].replace("\r\n", "\n").strip()
        if text:
            self.lead.edit_comment(self.comment, text, by=self.user)
            return gettext("Comment changed.")
        self.lead.remove_comment(self.comment, by=self.user)
        return gettext("Comment removed.")


class PinForm(ChangeForm):
    """Pin of a comment on top of the page of its lead."""

    title = _("Pin the comment")
    button = title

    def __init__(self, lead: Lead, user: User, data: Any = None, *, comment: LeadEvent) -> None:
        self.comment = comment
        self.query = "?" + urlencode({"comment": comment.key})
        super().__init__(lead, user, data)

    def save(self) -> str:
        self.lead.pin_comment(self.comment, by=self.user)
        return gettext("Comment pinned.")


class UnpinForm(PinForm):
    title = _("Unpin the comment")
    button = title

    def save(self) -> str:
        self.lead.unpin_comment(self.comment, by=self.user)
        return gettext("Comment no longer pinned.")
