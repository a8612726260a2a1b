"""Receipts have their coming months ready before anything is sent in them."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from rapport.kit import clock
from rapport.messaging import receipts, tasks

pytestmark = pytest.mark.django_db

LATER = datetime(2031, 11, 20, 15, 0, tzinfo=UTC)  # beyond what the migration made; two months on is another year


def months() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'messaging_receipt'::regclass"
            " AND inhrelid::regclass::text BETWEEN 'messaging_receipt_2031' AND 'messaging_receipt_2033' ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


def test_the_worker_makes_this_month_and_the_two_after():
    with clock.travel(LATER):
        tasks.make_months(timestamp=0)
    assert months() == ["messaging_receipt_203111", "messaging_receipt_203112", "messaging_receipt_203201"]


def test_doing_it_again_makes_nothing():
    assert receipts.make_months(now=LATER) == 3
    assert receipts.make_months(now=LATER) == 0
