"""An HTML page parsed for tests, with the parser of the standard library."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

SILENT = {"script", "style", "template"}
INLINE = {"a", "b", "code", "em", "span", "strong", "time"}


@dataclass
class Page(HTMLParser):
    """Parts of a page.

    `text` is the visible text, `prose` the same without code; `faults` lists what violates the
    content security policy.
    """

    language: str = ""
    title: str = ""
    headings: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    unlabelled: list[str] = field(default_factory=list)
    text: str = ""
    prose: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []
        self._labels: set[str] = set()
        self._inputs: list[str] = []

    @classmethod
    def read(cls, html: str) -> Page:
        page = cls()
        page.feed(html)
        page.close()
        page.unlabelled = [name for name in page._inputs if name not in page._labels]
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self._open.append(tag)
        between = "" if tag in INLINE else " "
        self.text += between
        self.prose += between
        self._judge(tag, named)
        if tag == "html":
            self.language = named.get("lang", "")
        if "href" in named:
            self.links.append(named["href"])
        if "id" in named:
            self.ids.append(named["id"])
        if tag == "label":
            self._labels.add(named.get("for", ""))
        if tag in {"input", "select", "textarea"} and named.get("type") != "hidden":
            self._inputs.append(named.get("id", "") if "aria-label" not in named else "")
            self._labels.add("")
        if tag == "h1":
            self.headings.append("")

    def _judge(self, tag: str, named: dict[str, str]) -> None:
        is_data = named.get("type") in {"application/json", "application/ld+json"}
        if tag == "style" or (tag == "script" and "src" not in named and not is_data):
            self.faults.append(f"<{tag}> with a text of its own")
        for name, value in named.items():
            if name == "style" or name.startswith("on") or value.startswith("javascript:"):
                self.faults.append(f"<{tag} {name}={value!r}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if SILENT.intersection(self._open):
            return
        if "title" in self._open and "svg" not in self._open:
            self.title += data
        if "h1" in self._open:
            self.headings[-1] += data
        self.text += data
        if "code" not in self._open:
            self.prose += data
