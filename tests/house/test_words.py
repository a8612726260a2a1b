"""The house's words: names of files and things, no signals, one engine for words that users write, one door out."""

import ast
import re

from django.apps import apps

from tests.house.tree import ROOT, imports, modules, place

FILES = {"utils.py", "helpers.py", "services.py", "signals.py", "managers.py", "common.py", "misc.py"}
SUFFIXES = re.compile(r"(Manager|Service|Helper|Util|Utils|Handler|Processor)$")
# Django asks for the first by this name; the second is the name of a class of a library we extend.
GIVEN_NAMES = {"AccountManager"}


def test_no_file_has_an_empty_name():
    assert not [place(p) for p in modules() if p.name in FILES]


def test_no_class_is_called_manager_service_or_helper():
    found = [
        place(p, n.lineno)
        for p, tree in modules().items()
        for n in ast.walk(tree)
        if isinstance(n, ast.ClassDef) and SUFFIXES.search(n.name) and n.name not in GIVEN_NAMES
    ]
    assert not found


def test_what_follows_what_is_never_a_signal():
    banned = ("django.dispatch", "django.db.models.signals", "django.core.signals", "blinker")
    found = [place(p) for p, tree in modules().items() if any(i.startswith(banned) for i in imports(tree))]
    assert not found


def test_no_model_has_a_save_with_consequences():
    found = [
        place(p, n.lineno)
        for p, tree in modules().items()
        if p.name == "models.py"
        for n in ast.walk(tree)
        if isinstance(n, ast.FunctionDef) and n.name in {"save", "delete"}
    ]
    assert not found


def test_every_model_stands_in_the_glossary():
    words = (ROOT / "GLOSSARY.md").read_text()
    missing = [
        m.__name__
        for m in apps.get_models()
        if m.__module__.startswith("rapport.") and not re.search(rf"\*\*{m.__name__}\*\*", words)
    ]
    assert not missing, f"GLOSSARY.md lacks {missing}"


def test_words_that_users_write_reach_liquid_and_no_other_engine():
    engines = ("liquid", "jinja2", "django.template", "string.Template", "mako", "minijinja")
    allowed = {
        "liquid": ("content",),
        "jinja2": ("ui",),
        "django.template": ("ui",),
    }
    found = []
    for path, tree in modules().items():
        room = path.relative_to(ROOT / "src" / "rapport").parts[0]
        for name in imports(tree):
            for engine in engines:
                loader_only = name.startswith(("django.template.loader", "django.template.response"))
                if (
                    (name == engine or name.startswith(engine + "."))
                    and not loader_only
                    and room not in allowed.get(engine, ())
                ):
                    found.append((place(path), name))
    assert not found


def test_only_one_module_calls_out_over_http():
    clients = ("httpx", "requests", "urllib.request", "http.client", "aiohttp")
    found = [
        place(p)
        for p, tree in modules().items()
        # http.py is the guarded client; the supervisor only asks its own web process on loopback whether it answers.
        if p.name not in {"http.py", "doors.py"}
        # The library for providers of e-mail writes for `requests`; its session is given our client in place of lines of its own.
        and place(p) != "src/rapport/messaging/channels/email/providers.py"
        and any(i == c or i.startswith(c + ".") for i in imports(tree) for c in clients)
    ]
    assert not found


def test_xml_is_read_by_the_hardened_parser_only():
    # The lint reads the HTML we compiled ourselves by lxml's HTML parser, which knows no entities of others and no network.
    allowed = {"src/rapport/content/lint/page.py": {"lxml.html", "lxml"}}
    found = [
        place(p)
        for p, tree in modules().items()
        if {i for i in imports(tree) if i.split(".")[0] in {"xml", "lxml"}}
        - allowed.get(p.relative_to(ROOT).as_posix(), set())
    ]
    assert not found


def test_nothing_is_pickled():
    found = [
        place(p) for p, tree in modules().items() if imports(tree) & {"pickle", "marshal", "shelve", "dill", "joblib"}
    ]
    assert not found


def test_only_the_clock_asks_what_time_it_is():
    asked = re.compile(r"\b(datetime\.now|datetime\.utcnow|timezone\.now|date\.today|time\.time)\(")
    outside = {"clock.py"}
    found = [
        place(p, number)
        for p in modules()
        if p.name not in outside and "kit" not in p.parts
        for number, line in enumerate(p.read_text().splitlines(), 1)
        if asked.search(line)
    ]
    assert not found
