"""Contents of attached files and of the logo in a company folder: `files/DIGEST`."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from django.utils.translation import gettext as _

from leadlight.accounts.models import Organization
from leadlight.importing.company_folder import COMPANY, FILE
from leadlight.importing.problems import WRONG, Ledger, Problem, Progress
from leadlight.importing.reading import Table
from leadlight.sales import file_store
from leadlight.sales.attachments import LARGEST_FILE
from leadlight.sales.logos import is_logo
from leadlight.sales.models import Attachment

CONTENTS = "files"


def export_contents(folder: Path, progress: Progress) -> list[Problem]:
    """Copy the contents of all attached files and of the logo to a company folder.

    Returns a warning for each file whose content is missing in the data folder.
    """
    names = dict(Attachment.objects.order_by("pk").values_list("digest", "name"))
    if logo := Organization.current().logo:
        names[logo] = _("logo")
    missing = []
    for done, digest in enumerate(sorted(names)):
        progress(_label(), done, len(names))
        source = file_store.path_of(digest)
        if source.exists():
            (folder / CONTENTS).mkdir(exist_ok=True)
            shutil.copyfile(source, folder / CONTENTS / digest)
        else:
            sentence = _("The content of “%(file)s” is missing.") % {"file": names[digest]}
            missing.append(Problem(str(folder / CONTENTS / digest), 0, "", "", sentence))
    return missing


def check_contents(folder: Path, table: Table, ledger: Ledger, progress: Progress) -> None:
    """Report the rows whose content is neither in the folder nor in the data folder."""
    checked: dict[str, str] = {}
    for done, row in enumerate(table.rows):
        progress(_label(), done, len(table.rows))
        if WRONG in (row.digest, row.size):
            continue
        if row.digest not in checked:
            checked[row.digest] = _fault(folder, row.digest)
        fault = checked[row.digest]
        if not fault and row.size != _content(folder, row.digest).stat().st_size:
            fault = _("The content has another size.")
        if fault:
            ledger.problem(table.name, row.line, "digest", row.digest, fault)


def check_logo(folder: Path, logo: str, ledger: Ledger) -> None:
    """Report a logo whose content is missing or is no small WebP picture."""
    if not logo or not ledger.has_no_problem(COMPANY):
        return
    fault = _fault(folder, logo)
    if not fault and not is_logo(_content(folder, logo)):
        fault = _("The logo must be a WebP picture.")
    if fault:
        ledger.problem(COMPANY, 0, "logo", logo, fault)


def import_contents(folder: Path, digests: Iterable[str]) -> None:
    """Copy contents of a checked company folder to the data folder, before rows refer to them."""
    for digest in digests:
        if not file_store.path_of(digest).exists():
            file_store.store(file_store.chunks_of(folder / CONTENTS / digest))


def _content(folder: Path, digest: str) -> Path:
    stored = file_store.path_of(digest)
    return stored if stored.exists() else folder / CONTENTS / digest


def _fault(folder: Path, digest: str) -> str:
    """Return the message about a missing or wrong content; "" for a valid one."""
    path = _content(folder, digest)
    if not path.is_file():
        return _("The content is missing. Put it into %(path)s.") % {"path": f"{CONTENTS}/{digest}"}
    if path.stat().st_size > LARGEST_FILE:
        return _("The content is larger than %(most)d MB.") % {"most": LARGEST_FILE // 1_000_000}
    if file_store.digest_of(path) != digest:
        return _("The content does not have this digest.")
    return ""


def _label() -> str:
    return _("Files of %(file)s") % {"file": f"{FILE['attachments'].name}.csv"}
