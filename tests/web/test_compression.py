"""Texts are compressed for browsers that accept it; files of compressed formats are sent as is."""

from __future__ import annotations

import gzip
import re
import zlib

import pytest
from django.conf import settings

from tests.web.worked import MONTHS

COMPANY = f"/reports/company/?{MONTHS}"
EXPORT = f"/reports/company/export/KIND?{MONTHS}"
TOKEN = re.compile(r'value="\w{64}"|"X-CSRFToken": "\w{64}"')


def body_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def asked(browser, address, encodings="br;q=1, gzip"):
    return browser.get(address, headers={"accept-encoding": encodings})


def test_a_page_is_compressed_to_less_than_a_fifth(readers, visit):
    browser = visit(readers.ada)
    plain, packed = browser.get(COMPANY), asked(browser, COMPANY)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.content) < len(plain.content) / 5
    text = gzip.decompress(packed.content).decode()
    assert TOKEN.sub("", text) == TOKEN.sub("", plain.content.decode())


@pytest.mark.parametrize("encodings", ["", "identity", "br"])
def test_a_browser_that_does_not_accept_gzip_gets_the_plain_text(encodings, readers, visit):
    response = asked(visit(readers.ada), COMPANY, encodings)
    assert "Content-Encoding" not in response.headers
    assert "Accept-Encoding" in response.headers["Vary"]
    assert b"</html>" in response.content


def test_the_length_of_a_compressed_page_is_padded_at_random(readers, visit, monkeypatch):
    browser, lengths = visit(readers.ada), []
    for padding in (0, 99):
        monkeypatch.setattr("django.utils.text.secrets.randbelow", lambda most, n=padding: n)
        content = asked(browser, "/shortcuts/").content
        inflating = zlib.decompressobj(wbits=31)
        assert inflating.decompress(content).endswith(b"</html>\n")
        lengths.append(content.index(b"\0", 10) - 10 if content[3] & 8 else 0)
    assert lengths == [0, 99]


@pytest.mark.parametrize("kind", ["csv", "csv-excel"])
def test_a_streamed_file_is_compressed_and_complete(kind, readers, visit):
    browser, address = visit(readers.ada), EXPORT.replace("KIND", kind)
    plain, packed = browser.get(address), asked(browser, address)
    assert packed.streaming
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Disposition"] == plain.headers["Content-Disposition"]
    # The filters at the end hold the second at which each file was made.
    figures = [gzip.decompress(body_of(packed)), body_of(plain)]
    heads = [content.decode().partition("\r\n\r\n")[0] for content in figures]
    assert heads[0] == heads[1] != ""


@pytest.mark.parametrize("kind", ["xlsx", "pdf", "png"])
def test_a_file_of_a_compressed_format_is_sent_as_is(kind, readers, visit):
    response = asked(visit(readers.ada), EXPORT.replace("KIND", kind))
    assert "Content-Encoding" not in response.headers
    assert int(response.headers["Content-Length"]) == len(body_of(response))


def test_static_files_are_served_before_texts_are_compressed():
    order = settings.MIDDLEWARE
    whitenoise = order.index("whitenoise.middleware.WhiteNoiseMiddleware")
    assert whitenoise < order.index("leadlight.web.shell.compression.CompressedTexts")
