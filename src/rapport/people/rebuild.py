"""The find and match keys of one person, made anew from what stands in her rows: after a merge, and after its undoing."""

from rapport.people import contact, sealed, tokens
from rapport.people.models import ContactPoint, FindKeys, Identifier, Person
from rapport.trust import sealing


def find_keys(*, person_id: int) -> None:
    """Write the keys that follow from names, contact points and numbers as they are now."""
    row = Person.objects.get(pk=person_id)
    key = sealing.keys_of([row.key]).get(row.key)
    if key is None:
        return
    fields = sealed.open_person(key, row.__dict__, ("given", "family", "preferred", "birth_date"))
    points = [
        contact.Point(
            point.kind,
            sealed.open_text(key, point.value, table=sealed.CONTACT, column="value", row=point.pk),
            problem=point.invalid_reason,
        )
        for point in ContactPoint.objects.filter(person=row)
    ]
    numbers = [
        (one.system, sealed.open_text(key, one.value, table=sealed.IDENTIFIER, column="value", row=one.pk))
        for one in Identifier.objects.filter(person=row)
    ]
    names = (fields["given"], fields["family"], fields["preferred"])
    find = tokens.find_tokens(names, points, numbers)
    match = tokens.match_keys(
        fields["given"], fields["family"], sealed.opened_date(fields["birth_date"]), row.sex, points
    )
    FindKeys.objects.update_or_create(person=row, defaults={"find": sorted(find), "match_keys": sorted(match)})
