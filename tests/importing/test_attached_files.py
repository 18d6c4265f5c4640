"""Attached files in a company folder: contents are exported and imported with their rows."""

from __future__ import annotations

import hashlib
import io
import shutil
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from leadlight import importing
from leadlight.accounts.models import Organization
from leadlight.sales import attachments, file_store, logos
from leadlight.sales.models import Attachment, Lead
from tests.importing.small import empty_instance
from tests.sales.conftest import found

pytestmark = pytest.mark.database


@pytest.fixture
def folder(db, settings, tmp_path):
    """Return the export of a company with a lead that has two files, one of them removed."""
    settings.LEADLIGHT_DATA = tmp_path / "first"
    ana = found().ana
    lead = Lead.create(title="Windows", by=ana, owner=ana)
    for name in ("offer.pdf", "plan.txt"):
        stored = attachments.stored(SimpleUploadedFile(name, name.encode()))
        attachments.attach(lead, stored, by=ana)
    attachments.remove(lead, Attachment.objects.get(name="plan.txt"), by=ana)
    importing.export_folder(tmp_path / "export")
    empty_instance()
    settings.LEADLIGHT_DATA = tmp_path / "second"
    return tmp_path / "export"


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_an_export_that_is_imported_and_exported_again_is_the_same(folder, tmp_path):
    importing.import_folder(folder)
    importing.export_folder(tmp_path / "again")
    assert contents(tmp_path / "again") == contents(folder)
    assert sum(name.startswith("files/") for name in contents(folder)) == 2
    assert list(attachments.faults(lambda *_: None)) == []
    assert [file.name for file in attachments.attached(Lead.objects.get())] == ["offer.pdf"]
    assert not importing.import_folder(folder).has_changes


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.unlink(), "The content is missing."),
        (lambda path: path.write_bytes(b"offer.xyz"), "does not have this digest"),
        (lambda path: shutil.rmtree(path.parent), "The content is missing."),
    ],
)
def test_a_content_that_is_missing_or_changed_is_reported(folder, spoil, reason):
    digest = file_store.store([b"offer.pdf"])[0]
    file_store.path_of(digest).unlink()
    spoil(folder / "files" / digest)
    with pytest.raises(importing.Problems, match=reason):
        importing.import_folder(folder)
    assert not Attachment.objects.exists()
    assert not file_store.path_of(digest).exists()


def test_a_text_that_is_not_a_digest_is_refused(folder):
    rows = folder / "attachments.csv"
    digest = file_store.store([b"offer.pdf"])[0]
    rows.write_text(rows.read_text().replace(digest, "../../secret-key"))
    with pytest.raises(importing.Problems, match="This is not a SHA-256 digest"):
        importing.import_folder(folder)


@pytest.fixture
def with_logo(db, settings, tmp_path):
    """Return the export of a company with a logo, and the digest of the logo."""
    settings.LEADLIGHT_DATA = tmp_path / "first"
    content = io.BytesIO()
    Image.new("RGB", (300, 100), "teal").save(content, "PNG")
    digest = logos.stored_logo(content, content.tell())
    Organization(name="Delorme Glazing", logo=digest).save()
    importing.export_folder(tmp_path / "export")
    Organization.objects.update(logo="")
    settings.LEADLIGHT_DATA = tmp_path / "second"
    return tmp_path / "export", digest


def test_the_logo_travels_with_the_company(with_logo, tmp_path):
    folder, digest = with_logo
    importing.import_folder(folder)
    assert Organization.current().logo == digest
    assert list(logos.faults()) == []
    importing.export_folder(tmp_path / "again")
    assert contents(tmp_path / "again") == contents(folder)
    file_store.path_of(digest).unlink()
    assert [str(one) for one in logos.faults()] == ["The content of “logo” is missing."]


@pytest.mark.parametrize(
    ("logo", "reason"),
    [
        ("0" * 64, "The content is missing."),
        ("../../etc/passwd", "This is not the digest of a picture."),
        (hashlib.sha256(b"<svg/>").hexdigest(), "The logo must be a WebP picture."),
    ],
)
def test_a_logo_that_is_no_picture_is_reported(with_logo, logo, reason):
    folder, digest = with_logo
    (folder / "files" / hashlib.sha256(b"<svg/>").hexdigest()).write_bytes(b"<svg/>")
    company = folder / "company.toml"
    company.write_text(company.read_text().replace(digest, logo))
    with pytest.raises(importing.Problems, match=reason):
        importing.import_folder(folder)
    assert Organization.current().logo == ""
