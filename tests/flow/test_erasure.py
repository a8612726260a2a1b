"""After an erasure no trace can be read anywhere, the suppression holds, and an older backup that is restored erases her again."""

import json
import os
import subprocess
import sys

import pytest

from rapport.kit import home, postgres
from tests.flow.test_canaries import files_below, needles
from tests.house.tree import ROOT

CANARY = {
    "given": "Zorquixa", "family": "Quixzorwick", "email": "zor.quix@canary-mail.example", "phone": "+19784536199",
    "street": "7 Quixzor Crescent", "mrn": "MRN-ZORQUIX-99",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_erased_leave_no_readable_trace_and_a_restored_backup_erases_them_again(tmp_path):
    place = home.find(tmp_path / "home")
    listed = tmp_path / "canary.json"
    listed.write_text(json.dumps(CANARY))
    folder = tmp_path / "out"
    folder.mkdir(mode=0o700)
    kept = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "RAPPORT_PROCESS", "DJANGO_SETTINGS_MODULE"}
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.flow.erasure_life", str(listed), str(folder)],
            cwd=ROOT,
            env={**kept, "RAPPORT_HOME": str(place.root), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        told = json.loads((folder / "told.json").read_text())
        looked_at = [
            folder / "after.sql", folder / "restored.sql", *files_below(place.root), *files_below(place.database)
        ]  # fmt: skip
        texts = {str(path): path.read_bytes() for path in looked_at} | {"printed": done.stdout + done.stderr}
    finally:
        postgres.destroy(place)

    # Nothing in clear: dumps, data directory with its write-ahead log, warehouse, mailbox, logs, journal.
    assert sum(map(len, texts.values())) > 20_000_000
    assert any("pg_wal" in name for name in texts)
    assert any("warehouse-" in name for name in texts)
    assert any(name.endswith("erasures.log") for name in texts)
    words = [*needles([CANARY]), CANARY["mrn"].encode()]
    assert not [(name, word.decode()) for name, text in texts.items() for word in words if word in text]

    # Nothing that can be opened: the keys are gone, and none that stands opens what was hers.
    assert told["opened_before"] == 2, "the same attempt opened both fields before"
    assert told["keys_of_hers"] == told["opened"] == 0 < told["keys"]
    assert told["removed"]["landings_rewritten"] == told["removed"]["quarantine"] == told["removed"]["letters"] == 1

    # The warehouse let go of her by an increment, and no older copy is left.
    assert set(told["warehouse"].values()) == {0}
    assert told["same_lineage"]
    assert len(told["versions"]) == 1

    # The old feed is held back, and her address is never written to again, whoever carries it.
    assert told["held"] == ["this person was erased"]
    assert told["made"] == 0
    assert (told["arm"], told["gate"], told["sent_to_new"]) == ("not_permitted", "suppression", 0)

    # The backup from before knew her again (events, addresses, keys; nothing blocked); after the start it does not.
    events, points, keys, blocked, held = told["restored_before"]
    assert min(events, points, keys) > 0
    assert (blocked, held) == (0, 0)
    assert told["restored_after"] == [0, 0, 0, 2, 2]
