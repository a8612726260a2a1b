"""What segments say to the designer of letters: which there are, and which a person is in."""

from rapport.content.offered import Offer
from rapport.segments import permission
from rapport.segments.language import parse
from rapport.segments.models import Membership, Segment


def offers() -> list[Offer]:
    """Every segment with the classes of data it reads: a block shown by it is use of them."""
    return [
        Offer(one.pk, one.name, permission.classes_of(parse(one.definition)))
        for one in Segment.objects.order_by("name")
    ]


def segments_of(person_id: int) -> frozenset[int]:
    """Segments that this person is in now."""
    stays = Membership.objects.filter(person=person_id, left_at=None)
    return frozenset(stays.values_list("segment_id", flat=True))
