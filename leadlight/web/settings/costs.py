"""Settings pages of the costs of actions, for admins: the list with a form, and one to edit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.sales import costs as verbs
from leadlight.sales.models import Cost, ProspectingList, Tag
from leadlight.sales.models.costs import LONGEST_COST_NAME, LONGEST_SOURCE
from leadlight.sales.refusals import Refused
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.days import today

COSTS_ON_A_PAGE = 50
TOO_HIGH = gettext_lazy(
    "An amount can have at most twelve digits before the point and two decimals."
)
NOT_A_DATE = gettext_lazy("This is not a date. Write it as 2026-01-31.")


def _day_field(label: Any, **more: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, input_formats=["%Y-%m-%d"], **more)


def _option_field(label: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        None,
        label=label,
        required=False,
        to_field_name="key",
        empty_label="–",
        error_messages={"invalid_choice": gettext_lazy("Choose one of the options.")},
    )


class CostForm(forms.Form):
    """Form of a cost. Archived lists and inactive tags are not offered, except those of `cost`."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_COST_NAME,
        error_messages={"required": gettext_lazy("Enter a name.")},
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        max_digits=14,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"min": "0", "step": "any"}),
        error_messages={
            "required": gettext_lazy("Enter an amount."),
            "invalid": gettext_lazy("This is not a number. Enter digits only."),
            "max_digits": TOO_HIGH,
            "max_whole_digits": TOO_HIGH,
            "max_decimal_places": TOO_HIGH,
        },
    )
    first_on = _day_field(
        gettext_lazy("First day"),
        error_messages={
            "required": gettext_lazy("Enter the first day of the cost."),
            "invalid": NOT_A_DATE,
        },
    )
    last_on = _day_field(
        gettext_lazy("Last day"),
        required=False,
        error_messages={"invalid": NOT_A_DATE},
        help_text=gettext_lazy(
            "The amount is spread evenly over the days. Leave empty for a single day."
        ),
    )
    prospecting_list = _option_field(gettext_lazy("Prospecting list"))
    source = forms.CharField(
        label=gettext_lazy("Source"), max_length=LONGEST_SOURCE, required=False
    )
    tag = _option_field(gettext_lazy("Tag"))
    tag.help_text = gettext_lazy("Fill in one of the three: a list, a source or a tag.")

    def __init__(self, given: Any = None, *, cost: Cost | None = None, **more: Any) -> None:
        super().__init__(given, label_suffix="", auto_id="cost-%s", **more)
        fields: Any = self.fields
        list_id, tag_id = (cost.prospecting_list_id, cost.tag_id) if cost else (None, None)
        lists = ProspectingList.objects.filter(Q(is_archived=False) | Q(pk=list_id))
        fields["prospecting_list"].queryset = lists
        fields["tag"].queryset = Tag.objects.filter(Q(is_active=True) | Q(pk=tag_id))


def _initial(cost: Cost) -> dict[str, Any]:
    return {name: getattr(cost, name) for name in ("name", "amount", "first_on", "last_on")} | {
        "prospecting_list": cost.prospecting_list and cost.prospecting_list.key,
        "source": cost.source,
        "tag": cost.tag and cost.tag.key,
    }


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def costs(request: ReaderRequest) -> HttpResponse:
    """Show the costs with a form for a new one; a POST adds it.

    `list` preselects the prospecting list of the new cost, by its key.
    """
    chosen = request.GET.get("list", "").replace("\0", "\N{REPLACEMENT CHARACTER}")
    initial = {"first_on": today(), "prospecting_list": chosen}
    form = CostForm(request.POST if request.method == "POST" else None, initial=initial)

    def add() -> str:
        verbs.add(request.user, **form.cleaned_data)
        return _("Cost added.")

    if _is_done(request, form, add):
        return redirect("costs")
    rows = Cost.objects.select_related("prospecting_list", "tag")
    page = Paginator(rows, COSTS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    return render(request, "settings/costs.html", context, status=400 if form.errors else 200)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a cost; a POST changes it."""
    cost = get_object_or_404(Cost.objects.select_related("prospecting_list", "tag"), key=key)
    given = request.POST if request.method == "POST" else None
    form = CostForm(given, cost=cost, initial=_initial(cost))

    def change() -> str:
        verbs.change(cost, request.user, **form.cleaned_data)
        return _("Cost saved.")

    if _is_done(request, form, change):
        return redirect("costs")
    context = {"form": form, "cost": cost}
    return render(request, "settings/cost.html", context, status=400 if form.errors else 200)


@signed_in
@for_admins
@require_POST
def delete(request: ReaderRequest, key: str) -> HttpResponse:
    """Delete a cost, with an offer to undo it; one that is deleted already changes nothing."""

    def change() -> str:
        cost = Cost.objects.select_for_update(of=("self",)).filter(key=key).first()
        if cost is None:
            return ""
        name = str(cost)
        verbs.delete(cost, request.user)
        return _("“%(name)s” deleted.") % {"name": name}

    act(request, change)
    return redirect("costs")


def _is_done(request: ReaderRequest, form: CostForm, change: Any) -> bool:
    """Make a change if the form was sent and is valid; a refusal becomes an error of the form."""
    if not form.is_valid():
        return False
    try:
        act(request, change)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
