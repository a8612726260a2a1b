"""Default deny, the permission table, and rows that only show what a grant reaches."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from rapport.trust import access, breakglass, permissions
from rapport.trust.models import AuditEntry, Grant, Role
from rapport.trust.permissions import PERMISSIONS, VERBS, Reach
from rapport.trust.sight import Sight, decide

pytestmark = pytest.mark.django_db


def grant(role, location=None, line=None):
    return Grant(role=role, location_id=location, service_line_id=line)


def test_the_table_knows_every_role_and_no_unknown_verb():
    assert set(PERMISSIONS) == set(Role.values)
    assert {verb for row in PERMISSIONS.values() for verb in row} <= set(VERBS)
    assert set(VERBS) == {verb for row in PERMISSIONS.values() for verb in row}, (
        "a verb nobody has is a page nobody opens"
    )
    assert set(permissions.REACH) == set(VERBS)


def test_duties_are_kept_apart():
    assert "people.read" not in PERMISSIONS["administrator"], "who runs the machine reads no patients"
    assert "people.read" not in PERMISSIONS["analyst"], "who counts knows no names"
    assert "access.manage" not in PERMISSIONS["compliance"], "who reviews gives no rights"
    assert "trust.audit" not in PERMISSIONS["administrator"], "who gives rights does not read the proof"
    assert "breakglass.review" not in PERMISSIONS["clinician"]


@pytest.mark.parametrize(
    ("grants", "verb", "seen"),
    [
        ([], "people.read", None),
        ([grant("analyst")], "people.read", None),
        ([grant("nonsense")], "people.read", None),
        ([grant("clinician")], "people.read", Sight(True, frozenset(), True, frozenset())),
        ([grant("clinician", 1)], "people.read", Sight(False, frozenset({1}), True, frozenset())),
        (
            [grant("clinician", 1), grant("front_desk", 2)],
            "people.read",
            Sight(False, frozenset({1, 2}), True, frozenset()),
        ),
        ([grant("clinician", 1), grant("analyst")], "people.read", Sight(False, frozenset({1}), True, frozenset())),
        ([grant("clinician", 1), grant("compliance")], "people.read", Sight(True, frozenset({1}), True, frozenset())),
        ([grant("marketer", None, 5)], "people.read", Sight(False, frozenset(), True, frozenset({5}))),
        ([grant("marketer", None, 5)], "campaigns.read", Sight(False, frozenset(), False, frozenset({5}))),
        ([grant("marketer", 1)], "campaigns.read", Sight(False, frozenset({1}), True, frozenset())),
        (
            [grant("marketer", None, 5), grant("marketer")],
            "campaigns.read",
            Sight(True, frozenset(), True, frozenset({5})),
        ),
    ],
)
def test_sight_is_the_widest_that_the_grants_for_this_verb_give(grants, verb, seen):
    assert decide(grants, verb) == seen


def test_a_line_limited_grant_sees_the_things_of_its_line_and_of_none():
    sight = decide([grant("marketer", None, 5)], "campaigns.read")
    assert [line for line in (None, 5, 6) if sight.sees_line(line)] == [None, 5]


def test_reach_follows_what_a_verb_touches():
    assert permissions.REACH["people.read"] is Reach.LOCATIONS
    assert permissions.REACH["campaigns.launch"] is Reach.LINES
    assert permissions.REACH["content.read"] is Reach.EVERYWHERE


def sees(*pairs):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l, p FROM unnest(%s::bigint[], %s::bigint[]) AS t (l, p) WHERE trust_sees(l, p) ORDER BY 1, 2",
            [[pair[0] for pair in pairs], [pair[1] for pair in pairs]],
        )
        return cursor.fetchall()


PEOPLE = [(1, 10), (2, 20), (11, 110), (None, 30)]


def set_scope(**scope):
    with connection.cursor() as cursor:
        for name in ("scope", "locations", "person"):
            cursor.execute("SELECT set_config(%s, %s, true)", [f"rapport.{name}", scope.get(name, "")])


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        ({}, []),
        ({"scope": ""}, []),
        ({"scope": "some"}, []),
        ({"scope": "everything"}, []),
        ({"scope": "ALL"}, []),
        ({"scope": "all"}, [(1, 10), (2, 20), (11, 110), (None, 30)]),
        ({"scope": "some", "locations": "1"}, [(1, 10)]),
        ({"scope": "some", "locations": "1,2"}, [(1, 10), (2, 20)]),
        ({"scope": "some", "person": "30"}, [(None, 30)]),
        ({"scope": "some", "locations": "2", "person": "110,30"}, [(2, 20), (11, 110), (None, 30)]),
        ({"scope": "some", "locations": "nonsense,,{}'"}, []),
        ({"locations": "1", "person": "30"}, []),
    ],
)
def test_rows_are_seen_as_far_as_the_scope_reaches_and_never_by_accident(scope, seen):
    set_scope(**scope)
    assert sees(*PEOPLE) == seen


def test_a_session_that_never_named_a_scope_sees_nothing(db):
    """As the web process connects: with no scope in its options."""
    import psycopg

    words = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    with psycopg.connect(**{name: words[name] for name in names if words.get(name)}) as bare:
        assert bare.execute("SELECT current_setting('rapport.scope', true)").fetchone() == (None,)
        assert bare.execute("SELECT trust_sees_all(), trust_sees(1, 10), trust_sees(NULL, NULL)").fetchone() == (
            False,
            False,
            False,
        )
        assert bare.execute("SELECT count(*) FROM people_person").fetchone() == (0,)


def test_row_security_binds_the_role_of_the_application():
    """Not a superuser, no BYPASSRLS, and forced although it owns the table: 0 rows when nothing is set."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)
        cursor.execute(
            "CREATE TEMPORARY TABLE seen_person (id bigint, home_location_id bigint);"
            "INSERT INTO seen_person VALUES (10, 1), (20, 2), (30, NULL);"
            "ALTER TABLE seen_person ENABLE ROW LEVEL SECURITY; ALTER TABLE seen_person FORCE ROW LEVEL SECURITY;"
            "CREATE POLICY seen ON seen_person USING ((SELECT trust_sees_all()) OR trust_sees(home_location_id, id));"
        )

        def count():
            cursor.execute("SELECT count(*) FROM seen_person")
            return cursor.fetchone()[0]

        set_scope()
        assert count() == 0
        set_scope(scope="some", locations="2", person="30")
        assert count() == 2
        set_scope(scope="all")
        assert count() == 3


def test_row_security_holds_on_the_real_table_of_people(pat):
    from rapport.people.models import Person

    assert Person.objects.filter(pk=pat.pk).exists()
    set_scope()
    assert Person.objects.count() == 0
    set_scope(scope="some", person=str(pat.pk))
    assert list(Person.objects.values_list("pk", flat=True)) == [pat.pk]


def run(view, user, path="/x/", **headers):
    request = RequestFactory().get(path, headers=headers)
    request.user = user
    request.resolver_match = None
    request.may = lambda verb: False
    with transaction.atomic():
        return view(request)


def scope_now():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('rapport.' || n, true) FROM unnest('{scope,locations,person}'::text[]) AS t (n)"
        )
        return tuple(row[0] for row in cursor.fetchall())


@access.requires("people.read")
def look(request):
    return HttpResponse(repr((scope_now(), request.sight.everyone)))


def test_a_view_opens_the_rows_of_its_grants_for_this_request_alone(hire, clock):
    from rapport.kit.clock import travel

    user = hire("Sam Reed", Role.CLINICIAN, location_id=4)
    Grant.objects.create(user=user, role=Role.FRONT_DESK, location_id=9, granted_at=clock.now())
    breakglass.open(by=user, person_id=77, reason="Collapsed in the waiting room", now=clock.now())
    before = scope_now()
    with travel(clock.now()):
        assert run(look, user).text == repr((("some", "4,9", "77"), False))
    with travel(clock.forward(hours=1)):
        assert run(look, user).text == repr((("some", "4,9", ""), False))
    assert scope_now() == before


def test_a_grant_without_limits_sees_everybody(cole):
    assert run(look, cole).text == repr((("all", "", ""), True))


def test_zoe_is_refused_and_it_is_written_down(zoe):
    answer = run(look, zoe)
    assert answer.status_code == 403
    line = AuditEntry.objects.get()
    assert (line.actor, line.verb, line.details) == (zoe, "access.refused", {"needs": "people.read"})


def test_who_is_not_signed_in_is_asked_to(client, db):
    from django.contrib.auth.models import AnonymousUser

    answer = run(look, AnonymousUser(), "/people/7/?tab=money")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/login/?next=/people/7/%3Ftab%3Dmoney")
    assert run(look, AnonymousUser(), **{"HX-Request": "true"}).status_code == 401
    assert run(look, AnonymousUser(), **{"X-Background": "1"}).status_code == 401


def test_a_failing_view_leaves_no_scope_behind(cole):
    @access.requires("people.read")
    def broken(request):
        raise RuntimeError("broken")

    set_scope(scope="some", locations="3")
    with pytest.raises(RuntimeError):
        run(broken, cole)
    assert scope_now() == ("some", "3", "")


def test_a_public_view_sees_no_row_until_it_acts_as_the_system(db):
    @access.public(why="holds a token")
    def page(request):
        before = scope_now()[0]
        with access.as_system():
            inside = scope_now()[0]
        return HttpResponse(f"{before}|{inside}|{scope_now()[0]}")

    set_scope()
    assert run(page, None).text == "|all|"


def test_acting_as_the_system_ends_also_when_it_fails(db):
    set_scope(scope="some")
    with pytest.raises(RuntimeError), access.as_system():
        raise RuntimeError
    assert scope_now()[0] == "some"
    with (
        pytest.raises(Exception, match="division by zero"),
        transaction.atomic(),
        access.as_system(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT 1 / 0")
    assert scope_now()[0] == "some"


def test_a_scope_is_refused_where_it_could_not_end(transactional_db):
    with pytest.raises(access.NoScope), access.as_system():
        pass


def test_only_verbs_of_the_table_can_be_required():
    with pytest.raises(LookupError):
        access.requires("people.raed")


def test_may_reads_the_table(ana, zoe):
    assert access.may(ana, "campaigns.launch")
    assert not access.may(ana, "access.manage")
    assert not access.may(zoe, "today.see")
    ana.is_active = False
    assert not access.may(ana, "campaigns.launch")


def test_a_view_that_declares_nothing_is_refused_by_the_gate(client, settings, db):
    import sys
    import types

    from django.urls import path

    module = types.ModuleType("undeclared_urls")
    module.urlpatterns = [path("bare/", lambda request: HttpResponse("everything"), name="bare")]
    sys.modules["undeclared_urls"] = module
    settings.ROOT_URLCONF = "undeclared_urls"
    answer = client.get("/bare/")
    assert answer.status_code == 403
    assert "everything" not in answer.text


def test_breaking_the_glass_opens_this_one_person_in_the_real_pages(signed_in, hire, pat, quinn):
    """Bea of another location: no Pat, then for an hour Pat and still no Quinn."""
    from rapport.kit import clock

    browser = signed_in(hire("Bea Flores", Role.FRONT_DESK, location_id=987654))
    assert browser.get(f"/people/{pat.pk}/").status_code == 404
    browser.post(f"/access/break-glass/{pat.pk}/", {"reason": "Collapsed in the waiting room"})
    assert browser.get(f"/people/{pat.pk}/").status_code == 200
    assert browser.get(f"/people/{quinn.pk}/").status_code == 404
    with clock.travel(clock.now() + timedelta(minutes=14)):
        assert browser.get(f"/people/{pat.pk}/").status_code == 200
