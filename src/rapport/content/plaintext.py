"""The plain text of an HTML message: what a screen reader or an old telephone shows. Liquid in it is kept as it stands."""

import re
from html.parser import HTMLParser

SKIPPED = {"head", "style", "script", "title"}
BLOCKS = {"p", "div", "tr", "table", "h1", "h2", "h3", "h4", "ul", "ol", "li", "br", "hr", "section", "blockquote"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipping = 0
        self._hidden: list[str] = []
        self._href: str | None = None
        self._link_from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in SKIPPED:
            self._skipping += 1
        elif tag == "div" and (self._hidden or "display:none" in (given.get("style") or "").replace(" ", "")):
            self._hidden.append(tag)
        elif tag == "a":
            self._href, self._link_from = given.get("href"), len(self.parts)
        elif tag == "img" and given.get("alt"):
            self._say(given["alt"] or "")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag == "td":
            self.parts.append(" ")
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif self._hidden and tag == "div":
            self._hidden.pop()
        elif tag == "a" and self._href:
            words = "".join(self.parts[self._link_from :]).strip()
            if self._href.startswith(("http", "{{")) and self._href != words:
                self._say(f": {self._href}" if words else self._href)
            self._href = None
        elif tag in {"p", "h1", "h2", "h3", "table"}:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        self._say(data)

    def _say(self, words: str) -> None:
        if not self._skipping and not self._hidden:
            self.parts.append(words.replace("\xad", "").replace("\u200c", ""))


def from_html(source: str) -> str:
    """Readable text: one line a block, links written out behind their words."""
    reader = _Reader()
    reader.feed(re.sub(r"<!--(?:(?!<!--).)*?-->", "", source, flags=re.DOTALL))
    lines = [" ".join(line.split()) for line in "".join(reader.parts).replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
