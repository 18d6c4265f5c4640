"""Form of a prospecting list: name, owner, cost, source, tags and archiving."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.models import ProspectingList, Tag
from leadlight.sales.models.prospecting import LONGEST_LIST_NAME
from leadlight.sales.prospecting.rows import LONGEST_SOURCE, set_tags, set_up
from leadlight.sales.refusals import Refused
from leadlight.web.sheet.query import Sheet
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.errors import refused


class ListForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST_LIST_NAME)
    user = forms.ModelChoiceField(
        User.objects.none(),
        label=pgettext_lazy("of a list", "Owner"),
        required=False,
        to_field_name="key",
    )
    source = forms.CharField(
        label=gettext_lazy("Source"), max_length=LONGEST_SOURCE, required=False
    )
    cost = forms.DecimalField(label=gettext_lazy("Cost"), min_value=0, required=False)
    tags = forms.ModelMultipleChoiceField(
        Tag.objects.all(),
        label=gettext_lazy("Tags"),
        required=False,
        to_field_name="key",
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    is_archived = forms.BooleanField(label=gettext_lazy("Archived"), required=False)

    def __init__(self, user: User, listed: ProspectingList, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        owners: Any = self.fields["user"]
        ids = access.assignable_users(user).values("pk")
        owners.queryset = User.objects.filter(Q(pk__in=ids) | Q(pk=listed.user_id))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sheet_settings(request: ReaderRequest, key: str) -> HttpResponse:
    """Show and process the form of a list."""
    sheet = Sheet.of(request.user, key)
    if not sheet.is_editable:
        return refused(request, _("You cannot change this list."), status=403)
    listed = sheet.prospecting_list
    initial = {
        "name": listed.name,
        "user": listed.user and listed.user.key,
        "source": listed.source,
        "cost": listed.cost,
        "tags": [tag.key for tag in listed.tags.all()],
        "is_archived": listed.is_archived,
    }
    sent = request.POST if request.method == "POST" else None
    form = ListForm(request.user, listed, sent, initial=initial)
    if form.is_valid():
        try:
            act(request, lambda: _save(listed, form.cleaned_data))
            return redirect("sheet", key)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    context = {"list": listed, "form": form, "costs": listed.costs.all()}
    return render(request, "sheet/settings.html", context, status=400 if form.errors else 200)


def _save(listed: ProspectingList, given: dict[str, Any]) -> str:
    tags = given.pop("tags")
    set_up(listed, **given)
    set_tags(listed, tags)
    return _("Saved.")
