"""Page on which admins set the categories whose tags are reasons for losing or cancelling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from leadlight.accounts import audit
from leadlight.accounts.models import User
from leadlight.accounts.models.audit_entries import Kind
from leadlight.sales.models import Category
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in

NOTHING = ("", gettext_lazy("Not used as a reason"))
TAGS_SHOWN = 8


class LossReasonsForm(forms.Form):
    """One choice per category: its tags are reasons for losing, cancelling, both or neither."""

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        super().__init__(given)
        self.categories = {
            f"category-{category.pk}": category
            for category in Category.objects.prefetch_related("tags")
        }
        for name, category in self.categories.items():
            self.fields[name] = forms.ChoiceField(
                label=category.name,
                required=False,
                choices=[NOTHING, *Category.Closing.choices],
                initial=category.reason_for,
                help_text=_first_tags(category),
                error_messages={"invalid_choice": _("Choose one of the options.")},
            )

    def save(self, by: User) -> None:
        with transaction.atomic():
            for name, category in self.categories.items():
                if name in self.data and category.reason_for != self.cleaned_data[name]:
                    old = _reason(category)
                    category.reason_for = self.cleaned_data[name]
                    category.save(update_fields=["reason_for"])
                    audit.record(
                        Kind.SETTINGS,
                        "loss_reason",
                        by=by,
                        subject=category,
                        old=old,
                        new=_reason(category),
                    )


def _reason(category: Category) -> str:
    return str(category.get_reason_for_display() if category.reason_for else NOTHING[1])


def _first_tags(category: Category) -> str:
    names = [str(tag) for tag in category.tags.all()]
    return ", ".join(names[:TAGS_SHOWN]) + ("…" if len(names) > TAGS_SHOWN else "")


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def loss_reasons(request: ReaderRequest) -> HttpResponse:
    """Show the categories with their choices; a POST request saves the choices."""
    form = LossReasonsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save(request.user)
        messages.success(request, _("Loss reasons saved."))
        return redirect("loss_reasons")
    status = 400 if form.is_bound else 200
    return render(request, "settings/loss_reasons.html", {"form": form}, status=status)
