"""Changes of a lead that pages offer: name in the address → form.

Forms that need a custom field, a comment or a file as well are created in `web.leads.changes`.
"""

from __future__ import annotations

from leadlight.web.leads.forms import after_sale, comments, daily, values
from leadlight.web.leads.forms.change import ChangeForm

CHANGES: dict[str, type[ChangeForm]] = {
    "title": values.TitleForm,
    "description": values.DescriptionForm,
    "amount": values.AmountForm,
    "probability": values.ProbabilityForm,
    "expected-day": values.ExpectedDayForm,
    "owner": values.OwnerForm,
    "client": values.ClientForm,
    "source": values.SourceForm,
    "tags": values.TagsForm,
    "step": values.StepForm,
    "created": values.CreationForm,
    "closed": values.ClosingForm,
    "standby": daily.StandbyForm,
    "todo": daily.ResumeForm,
    "won": daily.WinForm,
    "lost": daily.LoseForm,
    "cancelled": daily.CancelForm,
    "reopen": daily.ReopenForm,
    "star": daily.StarForm,
    "unstar": daily.UnstarForm,
    "bin": daily.BinForm,
    "activity": daily.ActivityForm,
    "comment": comments.CommentForm,
    "task": after_sale.NewTaskForm,
    "follow-up": after_sale.FollowUpForm,
}
# Changes without any input: their pages have buttons that make the change at once.
AT_ONE_CLICK = ("todo", "reopen", "star", "unstar", "bin")
