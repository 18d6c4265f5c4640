"""Files attached to leads: attach, remove and restore. Each of these logs an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Protocol

from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales import file_store
from leadlight.sales.models import Attachment, Lead
from leadlight.sales.models.attachments import LONGEST_FILE_NAME, extension_of
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.lead_changes import locked, log_event
from leadlight.sales.models.valid_values import CONTROL
from leadlight.sales.refusals import Refused

LARGEST_FILE = 25_000_000  # bytes
MOST_FILES = 100  # of one lead
# Extensions of files that sales teams exchange, without those of web pages and programs.
EXTENSIONS = frozenset(
    {
        *("pdf", "txt", "md", "csv", "tsv", "rtf", "log", "json"),
        *("doc", "docx", "dotx", "xls", "xlsx", "xltx", "ppt", "pptx", "potx"),
        *("odt", "ods", "odp", "odg", "ott", "pages", "numbers", "key"),
        *("gif", "jpeg", "jpg", "png", "webp", "heic", "heif", "tif", "tiff", "bmp"),
        *("eml", "msg", "ics", "vcf", "zip", "7z", "gz", "dwg", "dxf"),
        *("mp3", "m4a", "ogg", "wav", "mp4", "mov", "webm"),
    }
)
# First bytes of programs: Windows, Linux, macOS, scripts.
PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")


class Upload(Protocol):
    """Uploaded file; Django's `UploadedFile` has these attributes."""

    name: str | None
    size: int | None
    file: IO[bytes]

    def chunks(self) -> Iterable[bytes]: ...


@dataclass(frozen=True)
class StoredFile:
    """Content in the file store, with the name of the uploaded file and the size in bytes."""

    name: str
    size: int
    digest: str


def stored(upload: Upload) -> StoredFile:
    """Store an uploaded file. Raises `Refused` for one that may not be attached."""
    name = valid_file_name(upload.name or "")
    if upload.size is not None and upload.size > LARGEST_FILE:
        raise Refused(too_large(name))
    if not upload.size:
        raise Refused(_("“%(file)s” is empty.") % {"file": name})
    begin = upload.file.read(8)
    upload.file.seek(0)
    if begin.startswith(PROGRAMS):
        raise Refused(_("“%(file)s” is a program. Programs cannot be attached.") % {"file": name})
    digest, size = file_store.store(upload.chunks())
    return StoredFile(name, size, digest)


def too_large(name: str) -> str:
    return _("“%(file)s” is larger than %(most)d MB.") % {
        "file": name[:LONGEST_FILE_NAME],
        "most": LARGEST_FILE // 1_000_000,
    }


def valid_file_name(text: str) -> str:
    """Return the name of a file, cut before the extension if it is too long.

    Raises `Refused` for an extension that is not one of `EXTENSIONS`.
    """
    name = " ".join(CONTROL.sub(" ", text.replace("\\", "/").rpartition("/")[2]).split())
    extension = extension_of(name)
    if extension not in EXTENSIONS:
        raise Refused(
            _("Files like “%(file)s” cannot be attached. Convert it to PDF, or send a ZIP file.")
            % {"file": name[:LONGEST_FILE_NAME] or "…"}
        )
    longest = LONGEST_FILE_NAME - len(extension) - 1
    return f"{name[: -len(extension) - 1][:longest]}.{extension}"


def faults(progress: Callable[[str, int, int], None]) -> Iterator[str]:
    """Yield a sentence for each file whose content is missing or changed."""
    files = Attachment.objects.order_by("pk")
    count = files.count()
    for done, file in enumerate(files.iterator()):
        progress(_("Attached files"), done, count)
        path = file_store.path_of(file.digest)
        if not path.exists():
            yield _("The content of “%(file)s” is missing.") % {"file": file}
        elif file_store.digest_of(path) != file.digest:
            yield _("The content of “%(file)s” has changed.") % {"file": file}


def attached(lead: Lead) -> list[Attachment]:
    """Return the files of a lead, newest first."""
    files = Attachment.objects.filter(lead=lead, is_removed=False).select_related("added_by")
    return list(files.order_by("-added_at", "-pk"))


def attach(lead: Lead, file: StoredFile, *, by: User | None) -> Attachment:
    """Attach a stored file; refuse a content that the lead already has under the same name."""
    with locked(lead):
        files = Attachment.objects.filter(lead=lead, is_removed=False)
        if files.filter(name=file.name, digest=file.digest).exists():
            raise Refused(_("“%(file)s” is already attached.") % {"file": file.name})
        if files.count() >= MOST_FILES:
            raise Refused(
                _("A lead can have at most %(most)d files. Remove some of them.")
                % {"most": MOST_FILES}
            )
        attachment = Attachment.objects.create(
            lead=lead,
            name=file.name,
            size=file.size,
            digest=file.digest,
            added_at=timezone.now(),
            added_by=by,
        )
        log_event(lead, Kind.FILE, file.name, by, about=attachment.key)
    return attachment


def remove(lead: Lead, attachment: Attachment, *, by: User | None) -> None:
    """Remove a file from a lead; its content stays for `restore`."""
    _set_removed(lead, attachment, True, by)


def restore(lead: Lead, attachment: Attachment, *, by: User | None) -> None:
    """Attach a removed file again."""
    _set_removed(lead, attachment, False, by)


def _set_removed(lead: Lead, attachment: Attachment, is_removed: bool, by: User | None) -> None:
    with locked(lead):
        attachment.refresh_from_db()
        if attachment.lead_id != lead.pk:
            raise ValueError(f"{attachment!r} is no file of {lead!r}")
        if attachment.is_removed == is_removed:
            return
        attachment.is_removed = is_removed
        attachment.save(update_fields=["is_removed"])
        old, new = (attachment.name, "") if is_removed else ("", attachment.name)
        log_event(lead, Kind.FILE, new, by, old_value=old, about=attachment.key)
