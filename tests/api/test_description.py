"""The live application keeps what its description says, also when it is asked nonsense (schemathesis)."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from rapport.api import root
from tests.people_cast import pat as make_pat

EXAMPLES = 4
application = get_wsgi_application()  # not rapport.wsgi: that tells every later child process that it is a web process


@pytest.fixture
def kept_open(db):
    """As Django's own client does it: the end of a question must not close the connection of the test."""
    signals = (request_started, request_finished)
    for one in signals:
        one.disconnect(close_old_connections)
    yield
    for one in signals:
        one.connect(close_old_connections)


@pytest.fixture
def holder(kept_open, program, cole):
    return program(cole).secret, make_pat().pk


# Read in this process, for it is asked before there is a database; the questions go through the whole WSGI application.
# That a wrong key is refused is told in test_gate; here the key is right, and everything else may be wrong.
told = root.description()
told["components"].pop("securitySchemes")
for operations in told["paths"].values():
    for one in operations.values():
        one.pop("security")
schema = schemathesis.openapi.from_dict(told)
schema.app = application


@schema.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_every_operation_answers_as_described(case, holder):
    secret, person = holder
    meant_well = case.meta.generation.mode is GenerationMode.POSITIVE
    if meant_well and "person_id" in case.path_parameters:
        case.path_parameters["person_id"] = person
    # A text may be no address, and an object no definition: what no description can say is told as a problem.
    but = [positive_data_acceptance] if case.method in {"POST", "PUT"} else []
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, excluded_checks=but)
