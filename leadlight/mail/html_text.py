"""Text of an HTML message. Quoted blocks begin with "> ", as in plain text."""

from __future__ import annotations

import html
import re

LONGEST_HTML = 1_000_000  # characters that are read
TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]*)")
BLOCKS = {"p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre"}
BREAKS = {"br", "hr"}
UNSEEN = {"script", "style", "head", "title", "template"}
SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")


def text_of(source: str) -> str:
    """Return the text of HTML, in linear time: tags are read, but not checked for validity."""
    source = source[:LONGEST_HTML]
    lines = [""]
    depth, unseen, at = 0, "", 0
    while at < len(source):
        start = source.find("<", at)
        end = source.find(">", start) if start >= 0 else -1
        written = source[at : start if start >= 0 else len(source)]
        if not unseen:
            # Line breaks in the source are spaces, also between two parts of a sentence.
            lines[-1] += html.unescape(written.replace("\n", " "))
        if start < 0 or end < 0:
            break
        if source.startswith("<!--", start):
            closing = source.find("-->", start)
            at = closing + 3 if closing >= 0 else len(source)
            continue
        at = end + 1
        found = TAG.match(source, start + 1)
        if found is None:
            continue
        is_end, name = bool(found[1]), found[2].lower()
        if unseen:
            unseen = "" if is_end and name == unseen else unseen
        elif name in UNSEEN:
            unseen = "" if is_end or source[end - 1] == "/" else name
        elif name == "blockquote":
            _new_line(lines, depth)
            depth = max(depth + (-1 if is_end else 1), 0)
            lines.append(_quote(depth))
        elif name in BREAKS:
            lines.append(_quote(depth))
        elif name in BLOCKS:
            _new_line(lines, depth)
    tidy = "\n".join(SPACES.sub(" ", line).strip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", tidy).strip()


def _new_line(lines: list[str], depth: int) -> None:
    if lines[-1].strip(" >\u00a0"):
        lines.append(_quote(depth))


def _quote(depth: int) -> str:
    return "> " * min(depth, 10)
