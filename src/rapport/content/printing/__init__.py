"""Letters and postcards on paper, from the same blocks: PDF/UA by typst, with the fonts typst ships and nothing else.

- What a person or a marketer wrote goes in as JSON (`sys.inputs`) and is only ever shown: no word of it becomes typst source.
- A letter fits a #10 double-window envelope: return address and address in the windows, nothing else where a window may come to lie
  (`envelope`), and not a word of the message above the first fold.
- A postcard is read by everybody on its way: `postcards.check` says what may not stand on one.
"""

from rapport.content.printing.letters import Address, bound, drawn, letter, pages, sheet
from rapport.content.printing.postcards import SIZES, postcard, postcard_sheet

__all__ = ["SIZES", "Address", "bound", "drawn", "letter", "pages", "postcard", "postcard_sheet", "sheet"]
