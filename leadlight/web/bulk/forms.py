"""Forms of bulk jobs: the arguments of each verb."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import Team, User
from leadlight.sales import access
from leadlight.sales.bulk_verbs import reminder_arguments
from leadlight.sales.models import Step, Tag
from leadlight.sales.models.tags import closing_categories
from leadlight.sales.models.valid_values import LONGEST_TEXT
from leadlight.web.leads.forms.daily import ReminderFields
from leadlight.web.leads.forms.values import TagChoices, all_tags
from leadlight.web.shell.people import PeopleField, PersonField
from leadlight.web.shell.steps import offer_steps


class BulkForm(forms.Form):
    """Form of one verb for many leads. `title` is its heading, `button` the label of its button."""

    title: ClassVar[Any]
    button: ClassVar[Any] = _("Apply")
    # Whether the form has a preview that is updated when its choices change.
    has_preview: ClassVar[bool] = False

    def __init__(self, user: User, data: Any = None) -> None:
        self.user = user
        super().__init__(data, auto_id="bulk-%s", label_suffix="")

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the verb, from the valid form."""
        return {}


class AssignForm(BulkForm):
    title = _("Assign to")
    button = _("Assign")
    owner = PersonField(label=_("Owner"), empty_label=_("Choose a person"))
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=_("Team"),
        required=False,
        to_field_name="key",
        empty_label=_("Automatic"),
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(user, data)
        fields: Any = self.fields
        fields["owner"].offer(user)
        fields["owner"].widget.attrs["autofocus"] = True
        fields["team"].queryset = access.assignable_teams(user)

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {name: given[name] and given[name].pk for name in ("owner", "team")}


class SellersForm(BulkForm):
    """Choice of the people who get the leads in turn."""

    has_preview = True
    sellers = PeopleField(
        "distributable",
        label=_("Distribute among"),
        error_messages={"required": _("Choose at least one person.")},
    )

    def __init__(self, user: User, data: Any = None, leaving: User | None = None) -> None:
        super().__init__(user, data)
        fields: Any = self.fields
        fields["sellers"].offer(user, but=leaving)

    @property
    def sellers_chosen(self) -> list[User]:
        """Chosen people, in the order of turns; empty if the form is not sent or invalid."""
        return list(self.cleaned_data["sellers"]) if self.is_bound and self.is_valid() else []

    def arguments(self) -> dict[str, Any]:
        return {"sellers": [seller.pk for seller in self.sellers_chosen]}


class DistributeForm(SellersForm):
    title = _("Distribute in turn")
    button = _("Distribute")

    def clean(self) -> dict[str, Any]:
        if not access.may_distribute(self.user):
            raise ValidationError(gettext("Only managers and admins can distribute leads."))
        return self.cleaned_data


class TagForm(BulkForm):
    title = _("Add tags")
    button = _("Add")
    tags = TagChoices(label=_("Tags"))

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(user, data)
        choices: Any = self.fields["tags"]
        choices.offer(all_tags())

    def clean_tags(self) -> list[Tag]:
        chosen = list(self.cleaned_data["tags"])
        if not chosen:
            raise ValidationError(gettext("Choose at least one tag."))
        return chosen

    def arguments(self) -> dict[str, Any]:
        return {"tags": [tag.pk for tag in self.cleaned_data["tags"]]}


class UntagForm(TagForm):
    title = _("Remove tags")
    button = _("Remove")


class MoveForm(BulkForm):
    title = _("Move to")
    button = _("Move")
    step = forms.ModelChoiceField(
        Step.offered(),
        label=_("Step"),
        to_field_name="key",
        widget=forms.Select(attrs={"autofocus": True}),
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(user, data)
        offer_steps(self.fields["step"])

    def arguments(self) -> dict[str, Any]:
        return {"step": self.cleaned_data["step"].pk}


class BulkStandbyForm(ReminderFields, BulkForm):
    title = _("On standby until")
    button = _("Put on standby")

    def arguments(self) -> dict[str, Any]:
        return reminder_arguments(self.reminder())


class BulkCloseForm(BulkForm):
    """Closing with reasons; each required category must have one.

    The form does not check this for "won", because the leads can have the required tags already.
    """

    status: ClassVar[str]
    reasons = TagChoices(label=_("Reason"))
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(user, data)
        self.categories = closing_categories(self.status)
        tags = [tag for category in self.categories for tag in category.tags.all()]
        reasons: Any = self.fields["reasons"]
        reasons.offer(tags)
        if not tags:
            del self.fields["reasons"]

    def clean_reasons(self) -> list[Tag]:
        chosen = list(self.cleaned_data["reasons"])
        for category in self.categories if self.status != "won" else ():
            if category.is_required and not any(tag.category == category for tag in chosen):
                raise ValidationError(
                    gettext("Choose a reason in “%(category)s”.") % {"category": category}
                )
        return chosen

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        comment = given["comment"].replace("\r\n", "\n")
        return {
            "tags": [tag.pk for tag in given.get("reasons", ())],
            "comment": comment if comment.strip() else "",
        }


class BulkWinForm(BulkCloseForm):
    status = "won"
    title = button = _("Mark as won")


class BulkLoseForm(BulkCloseForm):
    status = "lost"
    title = button = _("Mark as lost")


class BulkCancelForm(BulkCloseForm):
    status = "cancelled"
    title = button = _("Mark as cancelled")


class UnassignForm(BulkForm):
    title = button = _("Remove the owner")


class ResumeForm(BulkForm):
    title = button = _("Set to “To do”")


class StarForm(BulkForm):
    title = button = _("Star")


class UnstarForm(BulkForm):
    title = button = _("Remove the star")


class BinForm(BulkForm):
    title = button = _("Move to the bin")


FORMS: dict[str, type[BulkForm]] = {
    "assign": AssignForm,
    "unassign": UnassignForm,
    "distribute": DistributeForm,
    "tag": TagForm,
    "untag": UntagForm,
    "move": MoveForm,
    "standby": BulkStandbyForm,
    "todo": ResumeForm,
    "won": BulkWinForm,
    "lost": BulkLoseForm,
    "cancelled": BulkCancelForm,
    "star": StarForm,
    "unstar": UnstarForm,
    "bin": BinForm,
}
# Verbs for which a user needs the right to assign leads.
ASSIGNING = ("assign", "unassign", "distribute")
# Verbs without input: if the leads were chosen one by one, they are applied without a form.
AT_ONE_CLICK = ("unassign", "todo", "star", "unstar", "bin")
