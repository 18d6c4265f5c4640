"""Forms of the files of a lead: attach some, and remove one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.sales import attachments
from leadlight.sales.attachments import EXTENSIONS, StoredFile, too_large
from leadlight.sales.models import Attachment, Lead
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.shell.form_values import value_or_error
from leadlight.web.shell.uploads import dropped_files


class MultipleFileInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        return list(files.getlist(name))


class FilesField(forms.Field):
    """Field of uploaded files; `clean` stores them, and refuses them all if one is not allowed."""

    def clean(self, value: list[Any]) -> list[StoredFile]:
        if not value:
            raise forms.ValidationError(gettext("Choose a file."))
        return [value_or_error(attachments.stored, sent) for sent in value]


class FilesForm(ChangeForm):
    """Attachment of one or more files, all or none."""

    title = _("Attach files")
    button = _("Attach")
    template = "leads/forms/files.html"
    chosen = FilesField(
        label=_("Attach files"),
        widget=MultipleFileInput(
            attrs={"accept": ",".join(f".{one}" for one in sorted(EXTENSIONS))}
        ),
    )

    def __init__(self, lead: Lead, user: User, request: HttpRequest | None = None) -> None:
        """Bind the form to the files of a request; without a request, the form is empty."""
        super().__init__(lead, user, None if request is None else request.POST)
        self.fields["chosen"].help_text = gettext(
            "Choose files or drop them here, at most %(most)d MB each."
        ) % {"most": attachments.LARGEST_FILE // 1_000_000}
        if request is not None:
            self.files = request.FILES
            self.dropped = dropped_files(request)

    def clean(self) -> dict[str, Any]:
        """Refuse all files if the server dropped one of them."""
        for name in self.dropped:
            self.errors.pop(
                "chosen", None
            )  # without the dropped file, the field may report that no file was chosen
            self.add_error("chosen", too_large(name))
        return self.cleaned_data

    def save(self) -> str:
        files = self.cleaned_data["chosen"]
        for file in files:
            attachments.attach(self.lead, file, by=self.user)
        return ngettext("%(count)d file attached.", "%(count)d files attached.", len(files)) % {
            "count": len(files)
        }


class RemoveFileForm(ChangeForm):
    title = _("Remove the file")
    button = _("Remove")

    def __init__(self, lead: Lead, user: User, data: Any = None, *, file: Attachment) -> None:
        self.file = file
        self.query = "?" + urlencode({"file": file.key})
        super().__init__(lead, user, data)

    def save(self) -> str:
        attachments.remove(self.lead, self.file, by=self.user)
        return gettext("“%(file)s” removed.") % {"file": self.file}
