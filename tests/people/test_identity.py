"""Who is this? Exact identifiers, a deterministic rule, and a question to a human for everything doubtful."""

import threading
from datetime import date

import pytest
from django.db import connection

from rapport.people import ambiguity, identity, merges, queries
from rapport.people.models import Ambiguity, ContactPoint, Event, Identifier, Person
from rapport.people.records import NewEvent, PersonRecord
from rapport.people.timeline import append
from rapport.trust.actors import SYSTEM
from rapport.trust.sealing import source_key
from tests.people_cast import person

BORN = date(1970, 5, 17)


def record(**fields):
    return PersonRecord(**{"given": "Mia", "family": "Stone", "birth_date": BORN, "sex": "F"} | fields)


def identify(*records, now, **options):
    return identity.identify(records=list(records), source="test", now=now, **options)


pytestmark = pytest.mark.django_db


def test_the_sources_own_name_decides_whatever_else_has_changed(now):
    one = person(identifiers=(("ehr:Patient", "1"),), family="Stone")
    (match,) = identify(
        record(identifiers=(("ehr:Patient", "1"),), family="Miller", birth_date=date(1971, 1, 1)), now=now
    )
    assert (match.person_id, match.is_new, match.rule) == (one.pk, False, "own identifier")
    assert queries.card(by=SYSTEM, person_id=one.pk, now=now).family == "Miller"


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ({"given": "MIA", "family": "stone"}, "birth date, name and sex"),
        ({"given": "Mia Maria", "family": "Stone"}, "birth date, name and sex"),
        ({"given": "Mía", "family": "Stone Jr."}, "birth date, name and sex"),
        ({"birth_date": None, "emails": ("Mia.Stone@Mail.example",)}, "e-mail and name"),
        ({"birth_date": None, "sex": "U", "phones": (("(978) 453-0001", "home"),)}, "phone and name"),
    ],
)
def test_a_deterministic_rule_recognises_her(told, rule, now):
    known = record(
        emails=("mia.stone@mail.example",), phones=(("978-453-0001", "mobile"),), identifiers=(("ehr:Patient", "1"),)
    )
    (first,) = identify(known, now=now)
    (match,) = identify(record(**told, identifiers=(("web:Patient", "x"),)), now=now)
    assert (match.person_id, match.is_new, match.rule) == (first.person_id, False, rule)


@pytest.mark.parametrize(
    "told",
    [
        {"given": "Leo", "sex": "M", "birth_date": date(1999, 1, 1)},
        {"given": "Leo", "sex": "M", "birth_date": BORN},
        {"given": "", "family": "", "birth_date": None},
        {"given": "Mia", "family": "Berg", "birth_date": date(2001, 1, 1)},
        {"given": "Ana", "family": "Stone", "birth_date": None},
    ],
)
def test_a_family_that_shares_its_phone_its_e_mail_and_its_name_stays_apart(told, now):
    shared = {"emails": ("family@mail.example",), "phones": (("978-453-0001", "home"),)}
    identify(record(**shared), now=now)
    (match,) = identify(record(**shared, **told), now=now)
    assert match.is_new
    assert not Ambiguity.objects.exists()


def test_father_and_son_of_one_name_and_phone_are_a_question_and_not_a_merge(now):
    phone = (("978-453-0001", "home"),)
    identify(record(given="John", sex="M", phones=phone), now=now)
    (match,) = identify(
        record(given="John", family="Stone Jr", sex="M", birth_date=date(1999, 2, 3), phones=phone), now=now
    )
    assert match.is_new
    assert match.reasons == ("same phone and name, but the birth dates differ",)
    assert Ambiguity.objects.get().state == "open"


def test_another_number_in_the_same_system_is_a_question(now):
    identify(record(identifiers=(("ehr:Patient", "1"),)), now=now)
    (match,) = identify(record(identifiers=(("ehr:Patient", "2"),)), now=now)
    assert match.is_new
    assert "another number in ehr:Patient" in Ambiguity.objects.get().rule


def test_two_people_who_fit_are_a_question(now):
    one = person(given="Mia", family="Stone", identifiers=(("a:Patient", "1"),), emails=("m@mail.example",), phones=())
    two = person(given="Mia", family="Stone", identifiers=(("a:Patient", "2"),), emails=("n@mail.example",), phones=())
    Ambiguity.objects.all().delete()
    (match,) = identify(record(), now=now)
    assert match.is_new
    assert set(match.doubts) == {one.pk, two.pk}
    assert Ambiguity.objects.count() == 2


def test_a_shared_identifier_with_another_name_and_birthday_is_refused(now):
    identify(record(identifiers=(("ehr:Patient", "1"), ("urn:mrn", "7"))), now=now)
    (match,) = identify(
        record(
            given="Bo",
            family="Anders",
            birth_date=date(1999, 1, 1),
            identifiers=(("ehr:Patient", "2"), ("urn:mrn", "7")),
        ),
        now=now,
    )
    assert match.person_id is None
    assert "the birth dates differ" in match.reasons[0]
    assert Person.objects.count() == 1


def test_a_shared_identifier_with_the_same_name_and_birthday_is_the_same_person(now):
    (first,) = identify(record(identifiers=(("ehr:Patient", "1"), ("urn:mrn", "7"))), now=now)
    (match,) = identify(record(identifiers=(("lab:Patient", "9"), ("urn:mrn", "7"))), now=now)
    assert match.person_id == first.person_id
    assert set(Identifier.objects.filter(person_id=first.person_id).values_list("system", flat=True)) == {
        "ehr:Patient",
        "urn:mrn",
        "lab:Patient",
    }


def test_a_batch_recognises_its_own_doubles(now):
    matches = identify(*[record(identifiers=(("ehr:Patient", "1"),)) for _ in range(5)], record(), now=now)
    assert len({match.person_id for match in matches}) == 1
    assert [match.is_new for match in matches] == [True] + [False] * 5
    assert Person.objects.count() == 1


def test_a_form_fills_what_is_empty_and_overwrites_nothing(now):
    (first,) = identify(record(emails=("mia@mail.example",), street="1 Elm Street", city=""), now=now)
    told = record(
        birth_date=None,
        emails=("mia@mail.example",),
        street="9 Oak Road",
        city="Lowell",
        phones=(("978-453-0009", ""),),
    )
    identify(told, now=now, fill_only=True)
    row = Person.objects.get(pk=first.person_id)
    assert row.city == "Lowell"
    assert queries.addresses(person_ids=[row.pk], kind="phone")[row.pk].value == "+19784530009"
    (again,) = identify(record(emails=("mia@mail.example",), street="9 Oak Road"), now=now)
    assert again.person_id == row.pk


def test_a_wrong_address_is_kept_and_marked(now):
    (match,) = identify(record(emails=("not an address", "ok@mail.example"), phones=(("12", "home"),)), now=now)
    points = {point.value: point for point in queries.contact_points(person_ids=[match.person_id])}
    assert points["ok@mail.example"].is_valid
    assert points["not an address"].invalid_reason == "this is not an e-mail address"
    assert points["12"].invalid_reason == "this number has too few or too many digits"


def test_time_zone_follows_the_zip(now):
    assert person(zip5="97212", state="OR").timezone == "America/Los_Angeles"
    assert person(zip5="", state="IL").timezone == "America/Chicago"


def test_the_same_record_again_writes_nothing(now):
    one = record(identifiers=(("ehr:Patient", "1"),), emails=("mia@mail.example",))
    identify(one, now=now)
    before = Person.objects.values_list("tx", "changed_at").get(), ContactPoint.objects.count()
    identify(one, now=now)
    assert (Person.objects.values_list("tx", "changed_at").get(), ContactPoint.objects.count()) == before


def test_a_merge_moves_everything_and_can_be_undone(bea, now):
    kept = person(given="Mia", family="Stone", identifiers=(("ehr:Patient", "1"),), emails=("mia@mail.example",))
    gone = person(
        given="Mia",
        family="Stone-Berg",
        identifiers=(("ehr:Patient", "2"),),
        emails=("mia@mail.example", "berg@mail.example"),
    )
    append(
        events=[NewEvent(person_id=gone.pk, kind="encounter", at=now, source="t", source_key=source_key("t", "1"))],
        now=now,
    )
    done = merges.merge(by=bea, kept=kept, gone=gone, rule="a human said so", now=now)
    assert Event.objects.get().person_id == kept.pk
    assert {point.value for point in queries.contact_points(person_ids=[kept.pk])} >= {
        "mia@mail.example",
        "berg@mail.example",
    }
    assert identity.owners(numbers=[("ehr:Patient", "2")]) == {("ehr:Patient", "2"): kept.pk}
    assert [card.id for card in queries.search(by=SYSTEM, text="berg@mail.example", now=now)] == [kept.pk]
    assert identity.living(person_ids=[gone.pk]) == {gone.pk: kept.pk}
    merges.unmerge(by=bea, merge=done, now=now)
    assert Event.objects.get().person_id == gone.pk
    assert {point.value for point in queries.contact_points(person_ids=[gone.pk])} >= {
        "mia@mail.example",
        "berg@mail.example",
    }
    assert [card.id for card in queries.search(by=SYSTEM, text="berg@mail.example", now=now)] == [gone.pk]
    with pytest.raises(merges.NotMergeable):
        merges.unmerge(by=bea, merge=done, now=now)


def test_a_merged_person_is_recognised_as_who_she_became(bea, now):
    kept = person(given="Mia", family="Stone", identifiers=(("ehr:Patient", "1"),))
    gone = person(given="Mia", family="Stone", birth_date=date(1980, 1, 1), identifiers=(("ehr:Patient", "2"),))
    merges.merge(by=bea, kept=kept, gone=gone, rule="test", now=now)
    (match,) = identify(record(birth_date=date(1980, 1, 1), identifiers=(("ehr:Patient", "2"),)), now=now)
    assert match.person_id == kept.pk


def test_nobody_is_merged_with_herself_or_twice(bea, now):
    one, two = person(), person()
    with pytest.raises(merges.NotMergeable):
        merges.merge(by=bea, kept=one, gone=one, rule="test", now=now)
    merges.merge(by=bea, kept=one, gone=two, rule="test", now=now)
    with pytest.raises(merges.NotMergeable):
        merges.merge(by=bea, kept=one, gone=two, rule="test", now=now)


def test_a_question_is_answered_once_and_never_asked_again(bea, now):
    identify(record(identifiers=(("ehr:Patient", "1"),)), now=now)
    identify(record(identifiers=(("ehr:Patient", "2"),)), now=now)
    row = Ambiguity.objects.get()
    ambiguity.settle(by=bea, row=row, same=False, now=now)
    with pytest.raises(ambiguity.Settled):
        ambiguity.settle(by=bea, row=row, same=True, now=now)
    identify(record(identifiers=(("ehr:Patient", "2"),), city="Boston"), now=now)
    assert Ambiguity.objects.get().state == "different"


@pytest.mark.django_db(transaction=True)
def test_workers_that_meet_the_same_new_people_at_once_make_each_once(now):
    records = [record(given=f"Nova{chr(97 + n)}", identifiers=(), emails=(f"n{n}@mail.example",)) for n in range(20)]
    ready, problems = threading.Barrier(4), []

    def work(shift: int) -> None:
        try:
            ready.wait()
            identify(*(records[shift:] + records[:shift]), now=now)
        except Exception as problem:  # noqa: BLE001 - told to the test below
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n * 5,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert Person.objects.count() == 20
