"""Rich text of a marketer: what a letter needs and nothing else. Whatever is not on the list is taken out."""

import html
import re

import nh3

TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li"}
SCHEMES = {"https", "http", "mailto", "tel"}  # http is kept so that the check can say what is wrong with it
_SAME = {"b": "strong", "i": "em", "div": "p"}
_BRACES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_EMPTY = re.compile(r"<p>(?:\s|&nbsp;|<br\s*/?>)*</p>")


def rich(source: str) -> str:
    """Cleaned rich text. Text without any markup becomes paragraphs."""
    text = source.strip()
    if text and "<" not in text:
        text = "".join(f"<p>{part.strip()}</p>" for part in re.split(r"\n\s*\n", text) if part.strip())
        text = text.replace("\n", "<br>")
    for ours, theirs in _SAME.items():
        text = re.sub(rf"<(/?){ours}(?=[\s>/])", rf"<\1{theirs}", text, flags=re.IGNORECASE)
    made = nh3.clean(text, tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES, link_rel=None)
    made = _BRACES.sub(lambda found: html.unescape(found.group(0)).replace("\xa0", " "), made)
    return _EMPTY.sub("", made.replace("&nbsp;", " ")).strip()


def plain(source: str) -> str:
    """Words for a place that takes no markup, safe to stand in MJML; merge fields are kept."""
    parts = re.split(r"(\{\{.*?\}\}|\{%.*?%\})", source, flags=re.DOTALL)
    return "".join(one if one.startswith(("{{", "{%")) else html.escape(one, quote=False) for one in parts)


def attribute(source: str) -> str:
    """Words for an attribute: no merge field, no quote."""
    return html.escape(_BRACES.sub("", source).strip(), quote=True)
