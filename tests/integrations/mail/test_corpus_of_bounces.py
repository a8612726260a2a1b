"""239 real bounces, complaints and automatic answers: what we make of them, beside what the Sisimai project asserts."""

import csv
import io
import lzma
import tarfile
from collections import defaultdict
from functools import lru_cache

import pytest

from rapport.integrations.mail.bounces import report
from tests.integrations.mail.signing import CORPUS

ENDS = {"LF": b"\n", "CRLF": b"\r\n", "CR": b"\r"}


@lru_cache(maxsize=1)
def corpus():
    """(mails by name, expected rows by name)."""
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress((CORPUS / "sisimai.tar.xz").read_bytes()))) as packed:
        files = {one.name: packed.extractfile(one).read() for one in packed}
    rows = defaultdict(list)
    for row in csv.DictReader(io.StringIO(files.pop("expected_dev.csv").decode())):
        rows[row["file"]].append(row)
    return files, rows


def compared():
    """(expected, got) for each recipient. Two rows of one number are two orders of the same mail: any of its reports may fit."""
    files, rows = corpus()
    for name, wanted in rows.items():
        told = report.read(files[name])
        for at, row in enumerate(wanted):
            alike = [one for one in wanted if one["recipient_index"] == row["recipient_index"]]
            if len(alike) > 1 and {one["reason"] for one in wanted} == {one.reason for one in told}:
                yield row, next(one for one in told if one.reason == row["reason"])
                continue
            number = at if len(alike) > 1 else int(row["recipient_index"]) - 1
            yield row, told[min(number, len(told) - 1)] if told else None


def share(right):
    found = [right(row, got) for row, got in compared()]
    return sum(found) / len(found)


def test_at_least_95_of_100_reasons_and_97_of_100_verdicts_are_reproduced():
    assert share(lambda row, got: got is not None and got.reason == row["reason"]) >= 0.95
    assert share(lambda row, got: got is not None and str(got.hard).lower() == row["hard_bounce"]) >= 0.97


def test_no_address_that_works_is_taken_for_one_that_does_not_more_than_rarely():
    """The dear mistake: a person is never written to again."""
    wrong = [row["file"] for row, got in compared() if got is not None and got.hard and row["hard_bounce"] == "false"]
    assert len(wrong) <= 5, wrong


def test_codes_and_kinds_of_complaints_are_reproduced():
    def fits(row, field, got):
        return (
            not row[field]
            or getattr(got, {"smtp_reply_code": "reply", "dsn_status": "status"}.get(field, field)) == row[field]
        )

    assert share(lambda row, got: got is not None and fits(row, "feedback_type", got)) == 1.0
    assert share(lambda row, got: got is not None and fits(row, "smtp_reply_code", got)) >= 0.95
    made_up = lambda row: row["dsn_status"].split(".")[-1].startswith("9") and len(row["dsn_status"]) > 6  # noqa: E731
    assert share(lambda row, got: made_up(row) or (got is not None and fits(row, "dsn_status", got))) >= 0.95


@pytest.mark.parametrize("end", ENDS)
def test_line_ends_change_nothing(end):
    files, _ = corpus()
    for name, raw in files.items():
        plain = raw.replace(b"\r\n", b"\n")
        assert report.read(plain.replace(b"\n", ENDS[end])) == report.read(plain), name


def test_a_mbox_of_two_reports_is_read_as_two():
    files, _ = corpus()
    one = files["maildir/bsd/lhost-postfix-14.eml"]
    mbox = b"".join(b"From MAILER-DAEMON Thu Apr 29 23:34:45 2015\n" + one + b"\n\n" for _ in range(2))
    assert report.read(mbox) == report.read(one) * 2


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Re: An evening with our team", "Thank you, the address does not exist on my map. See you there!"),
        ("Delivery of my glasses", "Was my delivery rejected? The mailbox at the door is full."),
        ("Question", "> 550 5.1.1 user unknown\n\nWhat does this mean?"),
    ],
)
def test_words_of_a_person_are_no_bounce(subject, body):
    raw = (
        f"From: Pat <pat@mail.example>\nTo: hello@riverbend.example\nSubject: {subject}\nMessage-ID: <1@x>\n\n{body}\n"
    )
    assert report.read(raw.encode()) == []
