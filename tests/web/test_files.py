"""Files of a lead: what may be attached, downloads, thumbnails, removal and undo."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from leadlight.accounts.keys import new_key
from leadlight.sales import attachments, file_store
from leadlight.sales.attachments import LARGEST_FILE
from leadlight.sales.models import Action, Attachment, Lead
from tests.web.pages import Page

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def _store(settings, tmp_path):
    settings.LEADLIGHT_DATA = tmp_path


def attach(browser, lead, *files, action=""):
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    data = {"chosen": sent, "action": action or new_key()}
    return browser.post(f"/change-lead/files/{lead.key}/", data)


def picture(form="PNG", size=(640, 320)):
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(made, form)
    return made.getvalue()


def status(browser, path):
    response = browser.get(path)
    b"".join(response)  # which closes the file
    return response.status_code


def text_of(response):
    return " ".join(Page.read(response.content.decode()).text.split())


def test_files_are_attached_shown_and_downloaded(cast, visit):
    browser = visit(cast.olga)
    response = attach(browser, cast.lead, ("Offer.pdf", b"%PDF-1.7 offer"), ("Plan.PNG", picture()))
    assert response.status_code == 302
    page = browser.get(f"/leads/{cast.lead.key}/")
    assert "2 files attached." in text_of(page)
    assert "File attached: Offer.pdf" in text_of(page)
    offer = Attachment.objects.get(name="Offer.pdf")
    assert (offer.size, offer.added_by, offer.lead) == (14, cast.olga, cast.lead)
    sent = browser.get(f"/files/{offer.key}/")
    assert b"".join(sent.streaming_content) == b"%PDF-1.7 offer"
    assert sent.headers["Content-Disposition"] == 'attachment; filename="Offer.pdf"'
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert sent.headers["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("page.html", b"<script>alert(1)</script>", "cannot be attached"),
        ("drawing.svg", b"<svg onload='alert(1)'/>", "cannot be attached"),
        ("setup.exe", b"MZ\x90", "cannot be attached"),
        ("no extension", b"text", "cannot be attached"),
        ("letter.pdf", b"MZ\x90 a program", "is a program"),
        ("letter.txt", b"#!/bin/sh\nrm -rf /", "is a program"),
        ("letter.txt", b"", "is empty"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_a_sentence(cast, visit, name, content, sentence):
    response = attach(visit(cast.olga), cast.lead, ("good.txt", b"good"), (name, content))
    assert response.status_code == 400
    assert sentence in text_of(response)
    assert not Attachment.objects.exists()


def test_a_form_without_a_file_is_refused(cast, visit):
    response = attach(visit(cast.olga), cast.lead)
    assert (response.status_code, "Choose a file." in text_of(response)) == (400, True)


def test_a_file_that_is_too_large_is_dropped_while_it_arrives(cast, visit, tmp_path):
    browser = visit(cast.olga)
    large = b"x" * (LARGEST_FILE + 1)
    response = attach(browser, cast.lead, ("small.txt", b"small"), ("large.txt", large))
    assert response.status_code == 400
    assert "“large.txt” is larger than 25 MB." in text_of(response)
    assert not Attachment.objects.exists()
    assert attach(browser, cast.lead, ("most.txt", large[1:])).status_code == 302
    assert Attachment.objects.get().size == LARGEST_FILE


def test_files_that_are_together_too_large_are_dropped(cast, visit, monkeypatch):
    monkeypatch.setattr("leadlight.web.shell.uploads.MOST_BYTES", 10)
    response = attach(visit(cast.olga), cast.lead, ("a.txt", b"x" * 6), ("b.txt", b"y" * 6))
    assert response.status_code == 400
    assert "“b.txt”" in text_of(response)


def test_a_large_file_sent_to_the_sign_in_page_is_not_stored(cast, client, monkeypatch):
    monkeypatch.setattr("leadlight.web.shell.uploads.LARGEST_FILE", 10)
    stored = []
    monkeypatch.setattr(
        "django.core.files.uploadhandler.TemporaryFileUploadHandler.file_complete",
        lambda handler, size: stored.append(size),
    )
    response = client.post("/accounts/login/", {"login": SimpleUploadedFile("a.txt", b"x" * 100)})
    assert (response.status_code, stored) == (200, [])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Lea\\offer.pdf", "offer.pdf"),
        ("line\nbreak\x07.txt", "line break .txt"),
        ("\u202etxt.exe.pdf", "\u202etxt.exe.pdf"),
        ("🪟" * 300 + ".pdf", "🪟" * 196 + ".pdf"),
    ],
)
def test_names_of_files_are_harmless(sent, kept):
    assert attachments.valid_file_name(sent) == kept


def test_the_same_file_again_is_refused_and_a_form_sent_twice_acts_once(cast, visit):
    browser, key = visit(cast.olga), new_key()
    for _attempt in range(2):
        assert attach(browser, cast.lead, ("a.txt", b"same"), action=key).status_code == 302
    again = attach(browser, cast.lead, ("a.txt", b"same"))
    assert (again.status_code, "“a.txt” is already attached." in text_of(again)) == (400, True)
    assert attach(browser, cast.lead, ("b.txt", b"same")).status_code == 302
    assert sorted(Attachment.objects.values_list("name", flat=True)) == ["a.txt", "b.txt"]


def test_attaching_and_removing_can_be_undone_and_undone_once(cast, visit):
    browser = visit(cast.olga)
    attach(browser, cast.lead, ("a.txt", b"text"))
    file = Attachment.objects.get()
    browser.post(f"/change-lead/remove-file/{cast.lead.key}/?file={file.key}", {"action": "f" * 20})
    assert status(browser, f"/files/{file.key}/") == 404
    assert "File removed: a.txt" in text_of(browser.get(f"/leads/{cast.lead.key}/"))
    attached, removed = Action.objects.order_by("pk")
    assert undo(browser, attached) == "error"  # it was removed since
    assert undo(browser, removed) == "success"
    assert status(browser, f"/files/{file.key}/") == 200
    assert undo(browser, attached) == "success"
    assert status(browser, f"/files/{file.key}/") == 404
    assert attachments.attached(cast.lead) == []


def undo(browser, action):
    response = browser.post(f"/undo/{action.key}/", follow=True)
    return [message.level_tag for message in response.context["messages"]][-1]


def test_pictures_have_a_small_thumbnail(cast, visit):
    browser = visit(cast.olga)
    attach(
        browser, cast.lead, ("Plan.png", picture()), ("Photo.jpg", picture("JPEG", (3000, 2000)))
    )
    for file in Attachment.objects.all():
        response = browser.get(f"/files/{file.key}/thumbnail/")
        assert response.headers["Content-Type"] == "image/webp"
        with Image.open(io.BytesIO(b"".join(response.streaming_content))) as small:
            assert max(small.size) == 160


def bomb():
    """Return a PNG that claims to have 50,000 × 50,000 pixels."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    made = b"\x89PNG\r\n\x1a\n"
    for kind, data in chunks:
        made += (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )
    return made


@pytest.mark.parametrize("content", [b"no picture", picture()[:60], bomb()])
def test_a_picture_that_cannot_be_read_has_no_thumbnail(cast, visit, content):
    browser = visit(cast.olga)
    attach(browser, cast.lead, ("broken.png", content))
    file = Attachment.objects.get()
    assert status(browser, f"/files/{file.key}/thumbnail/") == 404
    assert status(browser, f"/files/{file.key}/") == 200


def test_only_readers_of_the_lead_get_its_files_and_only_editors_change_them(cast, visit):
    attach(visit(cast.olga), cast.lead, ("Offer.pdf", b"%PDF-1.7 offer"))
    file = Attachment.objects.get()
    for path in (f"/files/{file.key}/", f"/files/{file.key}/thumbnail/"):
        assert status(visit(cast.uma), path) == 404, path
    assert attach(visit(cast.uma), cast.lead, ("a.txt", b"a")).status_code == 404
    cast.organization.privacy = "shared"
    cast.organization.save()
    reader = visit(cast.uma)
    assert status(reader, f"/files/{file.key}/") == 200
    assert attach(reader, cast.lead, ("a.txt", b"a")).status_code == 403
    remove = reader.post(f"/change-lead/remove-file/{cast.lead.key}/?file={file.key}")
    assert remove.status_code == 403
    page = reader.get(f"/leads/{cast.lead.key}/").content.decode()
    assert "Offer.pdf" in page
    assert not any(control in page for control in ("remove-file", 'type="file"'))


def test_a_file_of_another_lead_cannot_be_removed_through_a_lead_of_ones_own(cast, visit):
    attach(visit(cast.olga), cast.lead, ("Offer.pdf", b"%PDF-1.7 offer"))
    file = Attachment.objects.get()
    own = Lead.create(title="Own", by=cast.tom, owner=cast.tom)
    response = visit(cast.tom).post(f"/change-lead/remove-file/{own.key}/?file={file.key}")
    assert response.status_code == 404


@pytest.mark.parametrize("key", ["", "nothing", "%00", "\N{SNOWMAN}" * 300])
def test_a_file_that_does_not_exist_is_not_found(cast, visit, key):
    browser = visit(cast.olga)
    for address in (
        f"/files/{key or 'x'}/",
        f"/change-lead/remove-file/{cast.lead.key}/?file={key}",
    ):
        assert browser.post(address).status_code in (404, 405), address
        assert browser.get(address).status_code == 404, address


def test_a_content_that_is_lost_is_reported_by_the_check(cast, visit):
    browser = visit(cast.olga)
    attach(browser, cast.lead, ("a.txt", b"a"), ("b.txt", b"b"))
    assert list(attachments.faults(lambda *_: None)) == []
    first, second = Attachment.objects.order_by("name")
    file_store.path_of(first.digest).unlink()
    file_store.path_of(second.digest).write_bytes(b"other")
    assert list(attachments.faults(lambda *_: None)) == [
        "The content of “a.txt” is missing.",
        "The content of “b.txt” has changed.",
    ]
    assert status(browser, f"/files/{first.key}/") == 404


def test_an_interrupted_upload_leaves_no_content_and_is_removed_a_day_later(tmp_path):
    def broken():
        yield b"begin"
        raise OSError("connection lost")

    with pytest.raises(OSError, match="connection lost"):
        file_store.store(broken())
    assert list((tmp_path / "files").iterdir()) == []
    killed = tmp_path / "files" / f"killed{file_store.PART}"
    killed.write_bytes(b"begin")
    file_store.remove_abandoned(killed.stat().st_mtime + file_store.ABANDONED_AFTER_S - 1)
    assert killed.exists()
    file_store.remove_abandoned(killed.stat().st_mtime + file_store.ABANDONED_AFTER_S + 1)
    assert not killed.exists()
