"""Where the windows of a #10 double-window envelope lie on a letter folded in three. Inches from the top left corner of the sheet.

The envelope is 4 1/8 by 9 1/2, the folded sheet 3 2/3 by 8 1/2, so the sheet slides 0.46 down and 1 across. Windows, as most makers cut
them: return address 7/8 by 3 1/2, 1/2 from the left and 2 1/2 from the bottom; address 1 by 4, 1/2 from the left and 5/8 from the bottom.
"""

import msgspec

HEIGHT, WIDTH = 4.125, 9.5
FOLD = 11 / 3
SLIDE_DOWN, SLIDE_ACROSS = HEIGHT - FOLD, WIDTH - 8.5


class Box(msgspec.Struct, frozen=True):
    """A rectangle of the sheet."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: "Box") -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )


def _window(high: float, wide: float, left: float, from_bottom: float) -> tuple[Box, Box]:
    """What may be seen through it somewhere in the envelope's play, and what is seen wherever the sheet has slid."""
    top = HEIGHT - from_bottom - high
    seen = Box(left - SLIDE_ACROSS, top - SLIDE_DOWN, left + wide, top + high)
    sure = Box(left, top, left + wide - SLIDE_ACROSS, top + high - SLIDE_DOWN)
    return seen, sure


RETURN_SEEN, RETURN_SURE = _window(0.875, 3.5, 0.5, 2.5)
ADDRESS_SEEN, ADDRESS_SURE = _window(1.0, 4.0, 0.5, 0.625)
BODY_TOP = 3.8  # the message begins below the fold and below everything that a window may show
