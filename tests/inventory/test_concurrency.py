"""Many workers at once, some killed in mid-flight: not a unit lost or doubled."""

from pathlib import Path

import pytest

from benchmarks.ledger import judge, prepare, run
from tests.conftest import Databases


@pytest.mark.parametrize("kill_every", [0, 0.5])
def test_workers_lose_and_double_nothing(databases: Databases, kind: str, kill_every: float, tmp_path: Path) -> None:
    url = databases.empty(kind)
    prepare(url)
    run(url, 6, 900, kill_every, str(tmp_path))
    found = judge(url, str(tmp_path))
    assert found["operations"] > 300
    assert (found["lost"], found["doubled"], found["discrepancies"]) == (0, 0, 0)
