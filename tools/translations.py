"""Update, compile and check the translations, without the GNU gettext tools.

`update` writes the messages of the program into every catalogue. `compile` writes the .mo files for
Django. `check` prints each message that has no translation or is no longer in use, and exits with 1
if there is one.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "leadlight"
LANGUAGES = ["fr"]
HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def sources() -> Iterator[tuple[str, str]]:
    """Yield name and text of every module, and of every template converted to Python."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield str(path.relative_to(ROOT)), path.read_text()
    for path in sorted((PACKAGE / "web" / "templates").rglob("*.*")):
        name = str(path.relative_to(ROOT))
        lines = templatize(path.read_text(), origin=name).splitlines()
        # The blanked markup keeps its indentation, which is invalid in Python.
        yield name, "\n".join(line.strip() for line in lines)


def explanations() -> Iterator[tuple[str, str]]:
    """Yield each paragraph of each report's docstring, which is its help text."""
    for path in sorted((PACKAGE / "analytics" / "reports").rglob("*.py")):
        source = path.read_text()
        if "text=__doc__" in source:
            text = ast.get_docstring(ast.parse(source), clean=False) or ""
            for paragraph in text.split("\n\n"):
                yield str(path.relative_to(ROOT)), paragraph.strip()


def messages() -> Catalog:
    """Return the messages of the program, each with the files that contain it."""
    catalog = Catalog(charset="utf-8")
    for name, paragraph in explanations():
        catalog.add(paragraph, locations=[(name, 0)])
    for name, text in sources():
        code = io.BytesIO(text.encode())
        for _line, message, comments, context in extract(
            "python", code, KEYWORDS, ["Translators:"]
        ):
            catalog.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return catalog


def catalog_file(language: str) -> Path:
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    path = catalog_file(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> None:
    catalog = read(language)
    catalog.update(messages(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path = catalog_file(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        # The header of Babel contains a date, so that every update would change the file.
        file.write(HEADER.format(language=language, plurals=catalog.plural_forms).encode())
        write_po(file, catalog, width=100, sort_output=True, include_lineno=False, omit_header=True)


def compile_catalog(language: str) -> None:
    path = catalog_file(language)
    if path.exists():
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, read(language))


def faults(language: str) -> Iterator[str]:
    expected, translated = messages(), read(language)
    for message in expected:
        if not message.id:
            continue
        translation = translated.get(message.id, message.context)
        strings = translation.string if translation else ""
        complete = all(strings) if isinstance(strings, (list, tuple)) else strings
        if translation is None or not complete or translation.fuzzy:
            places = ", ".join(sorted({place for place, _line in message.locations}))
            yield f"{language}: no translation of {message.id!r} ({places})"
        else:
            yield from (
                f"{language}: {message.id!r}: {error}" for error in translation.check(expected)
            )
    for message in translated:
        if message.id and expected.get(message.id, message.context) is None:
            yield f"{language}: {message.id!r} is no longer in use"


if __name__ == "__main__":
    settings.configure(USE_I18N=False)
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    if command == "check":
        found = [fault for language in LANGUAGES for fault in faults(language)]
        print("\n".join(found), end="\n" if found else "")
        raise SystemExit(1 if found else 0)
    commands = {"update": update, "compile": compile_catalog}
    if command not in commands:
        raise SystemExit("usage: python tools/translations.py update | compile | check")
    for each in LANGUAGES:
        commands[command](each)
