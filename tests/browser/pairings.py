"""Which colours stand on which in a page: a page whose every pairing was looked at before need not be looked at again.

Contrast hangs on the colour of the words, their size and weight, and on what lies behind them; here a pairing is all of that as
the browser reckoned it, with the kind and the classes of the element and of the one it stands in, for what lies behind need not be
an ancestor. Looking for the pairings of a page costs a tenth of looking at its contrasts.
"""

import hashlib
import json
from pathlib import Path

from playwright.sync_api import Page

RULES = {
    "color-contrast": "[data-unseen]",
    "link-in-text-block": "a[href][data-unseen]",
}  # and what of a page each looks at
PAIRINGS = """() => {
  const EACH = 3;
  const named = (one) => one.localName + [...one.classList].sort().map((name) => '.' + name).join('');
  const stood = new Map();
  const behind = (one) => {
    if (!one) return '';
    if (!stood.has(one)) {
      const style = getComputedStyle(one), alpha = style.backgroundColor.match(/rgba\\(.*, ([\\d.]+)\\)|\\/ ([\\d.]+)/);
      const own = (alpha && Number(alpha[1] ?? alpha[2]) === 0 ? '' : '>' + style.backgroundColor)
        + (style.opacity === '1' ? '' : '*' + style.opacity) + (style.backgroundImage === 'none' ? '' : '>picture');
      stood.set(one, (own.startsWith('>') && !alpha && style.opacity === '1' ? '' : behind(one.parentElement)) + own);
    }
    return stood.get(one);
  };
  const found = new Map();
  for (const one of document.body.querySelectorAll('*')) {
    const says = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!(says || 'value' in one) || !one.checkVisibility()) continue;
    const style = getComputedStyle(one);
    const pairing = [named(one), named(one.parentElement), behind(one), style.color, style.fontSize, style.fontWeight,
      style.textDecorationLine, style.textShadow, one.matches(':disabled, [aria-disabled=true] *') ? 'disabled' : '',
      one.localName === 'a' ? getComputedStyle(one.parentElement).color : ''].join('|');
    found.set(pairing, [...(found.get(pairing) ?? []), one].slice(0, EACH));
  }
  window.paired = [...found.values()];
  return [...found.keys()];
}"""
MARKED = """numbers => {
  for (const one of document.querySelectorAll('[data-unseen]')) one.removeAttribute('data-unseen');
  for (const one of numbers.flatMap((number) => window.paired[number])) one.setAttribute('data-unseen', '');
}"""
# To be said to axe once a page: these rules look at what is marked.
ONLY_MARKED = (
    f"() => axe.configure({json.dumps({'rules': [{'id': one, 'selector': all_} for one, all_ in RULES.items()]})})"
)


class Pairings:
    """What all processes of a run have looked at and found good."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.known: set[str] = set()
        place.mkdir(exist_ok=True)

    def mark(self, page: Page) -> list[str]:
        """Mark in the page where nobody looked yet; returns the pairings, which `are_good` when nothing is found."""
        found = [hashlib.sha256(one.encode()).hexdigest() for one in page.evaluate(PAIRINGS)]
        self.known.update(one for one in found if one not in self.known and (self.place / one).exists())
        unseen = {number: one for number, one in enumerate(found) if one not in self.known}
        page.evaluate(MARKED, list(unseen))
        return list(unseen.values())

    def are_good(self, unseen: list[str]) -> None:
        for one in unseen:
            (self.place / one).touch()
        self.known.update(unseen)
