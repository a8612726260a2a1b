"""What stops or steers messages: written at the desk in its own words, ended with exactly its scope; a hold by compliance alone."""

import pytest

from rapport.consent import restrictions
from rapport.consent.models import ConsentRecord
from rapport.home import permission
from rapport.people.models import ContactPoint
from rapport.trust.models import AuditEntry
from tests.home.test_pages import HTMX, NOW, as_, text, today  # noqa: F401 - the clock of these pages

pytestmark = pytest.mark.django_db


def write(user, who, kind, **said):
    path = "hold/" if kind == "legal_hold" else f"stops/new/{kind}/"
    return as_(user).post(f"/people/{who.pk}/{path}", {"way": "letter"} | said)


def end(user, who, record, way="letter"):
    path = "hold" if record.kind == "legal_hold" else "stops"
    return as_(user).post(f"/people/{who.pk}/{path}/{record.pk}/end/", {"way": way})


def newest(who):
    return ConsentRecord.objects.filter(person=who).order_by("-id").first()


def stand(who):
    return [one.kind for one in restrictions.standing([who.pk], now=NOW)]


def may(who, topic):
    return [line.may for line in permission.glance(who.pk, NOW) if line.topic == topic]


def part(user, who):
    return text(as_(user).get(f"/people/{who.pk}/?part=permission"))


def test_do_not_contact_is_written_and_ended_in_two_steps(bea, pat):
    assert f"/people/{pat.pk}/stops/new/do_not_contact/" in part(bea, pat)
    form = text(as_(bea).get(f"/people/{pat.pk}/stops/new/do_not_contact/", headers=HTMX))
    assert "<html" not in form
    assert "Nothing goes out any more" in form
    answer = write(bea, pat, "do_not_contact", words="Leave me be", way="phone")
    assert answer.headers["Location"] == f"/people/{pat.pk}/?part=permission"
    made = newest(pat)
    assert (made.kind, made.status, made.via, made.evidence) == (
        "do_not_contact", "granted", "front_desk_phone", {"words": "Leave me be"},
    )  # fmt: skip
    assert may(pat, "care") == [False, False, False]
    page = part(bea, pat)
    assert "Leave me be" in page
    assert "/stops/new/do_not_contact/" not in page, "it can stand only once"
    assert end(bea, pat, made).status_code == 302
    assert stand(pat) == []
    assert True in may(pat, "care")
    assert AuditEntry.objects.filter(verb="consent.withdraw", person_id=pat.pk, actor=bea).count() == 1


def test_a_restriction_keeps_the_words_that_were_agreed(bea, pat):
    before = may(pat, "care")
    write(bea, pat, "restriction", words="No surveys, please", topic="survey")
    made = newest(pat)
    assert (made.topic, made.recipient, made.evidence["words"]) == ("survey", "", "No surveys, please")
    assert may(pat, "survey") == [False]
    assert may(pat, "care") == before


def test_a_restriction_towards_the_insurer_stops_no_message_to_the_person(bea, pat):
    before = may(pat, "care")
    write(bea, pat, "restriction", words="Nothing about March 2, paid in cash", topic="all", recipient="Blue Plan")
    assert newest(pat).recipient == "Blue Plan"
    assert may(pat, "care") == before
    assert True in before
    assert "towards Blue Plan" in part(bea, pat)


def test_ending_a_restriction_towards_one_leaves_the_one_about_everything(bea, pat):
    write(bea, pat, "restriction", words="Nothing at all for now", topic="all")
    write(bea, pat, "restriction", words="Nothing about March 2", topic="all", recipient="Blue Plan")
    end(bea, pat, newest(pat))
    assert [one.recipient for one in restrictions.standing([pat.pk], now=NOW)] == [""]
    assert may(pat, "care") == [False, False, False], "the policy says what the page says"


def test_ending_the_restriction_about_everything_leaves_the_one_about_surveys(bea, pat):
    write(bea, pat, "restriction", words="No surveys", topic="survey")
    write(bea, pat, "restriction", words="Nothing at all for now", topic="all")
    end(bea, pat, newest(pat))
    assert [one.topic for one in restrictions.standing([pat.pk], now=NOW)] == ["survey"]
    assert may(pat, "survey") == [False], "the policy says what the page says"
    assert True in may(pat, "care")


def test_only_at_one_address_takes_the_place_of_only_by_letter(bea, pat, quinn):
    write(bea, pat, "confidential", only="print")
    assert "by letter" in part(bea, pat)
    point = ContactPoint.objects.get(person=pat, kind="email")
    write(bea, pat, "confidential", only=f"point:{point.pk}")
    (one,) = restrictions.standing([pat.pk], now=NOW)
    assert (one.channel, one.contact_point_id) == ("email", point.pk)
    other = ContactPoint.objects.get(person=quinn, kind="email")
    assert write(bea, pat, "confidential", only=f"point:{other.pk}").status_code == 422, "another person's address"
    assert write(bea, pat, "confidential", only="").status_code == 422


def test_a_hold_is_set_and_lifted_by_compliance_alone(bea, cole, pat):
    assert "/hold/" not in part(bea, pat)
    assert write(bea, pat, "legal_hold", words="Suit 26-114").status_code == 403
    assert write(cole, pat, "legal_hold", words="Suit 26-114", way="letter").status_code == 302
    made = newest(pat)
    assert (made.kind, made.evidence) == ("legal_hold", {"words": "Suit 26-114"})
    assert "Suit 26-114" in part(bea, pat)
    assert end(bea, pat, made).status_code == 403
    as_bea = as_(bea).post(f"/people/{pat.pk}/stops/{made.pk}/end/", {"way": "letter"})
    assert as_bea.status_code == 404, "nor by the other door"
    assert stand(pat) == ["legal_hold"]
    assert end(cole, pat, made).status_code == 302
    assert stand(pat) == []


@pytest.mark.parametrize(("kind", "said", "words"), [
    ("restriction", {"words": " ", "topic": "all", "recipient": "Blue Plan"}, "Write down what was agreed."),
    ("legal_hold", {"words": ""}, "Name the case"), ("do_not_contact", {"way": "telepathy"}, "telepathy is not one of"),
])  # fmt: skip
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept(cole, pat, kind, said, words):
    answer = write(cole, pat, kind, **said)
    assert answer.status_code == 422
    assert words in text(answer)
    assert said.get("recipient", "") in text(answer)
    assert not ConsentRecord.objects.exists()


def test_what_does_not_stand_can_not_be_ended(bea, pat, quinn):
    write(bea, pat, "do_not_contact")
    made = newest(pat)
    assert end(bea, quinn, made).status_code == 404, "another person's statement"
    end(bea, pat, made)
    assert end(bea, pat, made).status_code == 404, "it has ended already"


def test_a_kind_that_is_not_offered_is_no_page(cole, pat):
    for kind in ("legal_hold", "objection", "nonsense"):
        assert as_(cole).post(f"/people/{pat.pk}/stops/new/{kind}/", {"way": "letter"}).status_code == 404


def test_ana_stops_nothing(ana, pat):
    assert as_(ana).get(f"/people/{pat.pk}/stops/new/restriction/").status_code == 403
    assert "/stops/" not in part(ana, pat)
