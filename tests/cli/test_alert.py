"""``dispatch alert write`` and ``poll`` as others call them."""

import json
from pathlib import Path

import pytest

from dispatch.alerts.cap import parse
from dispatch.config import Settings
from tests.builders import cap_xml
from tests.cli.test_contract import answer, dispatch

WRITE = ("alert", "write", "--hazard", "blizzard", "--colour", "orange", "--county", "150522,150502",
         "--headline", "演练：暴雪橙色预警", "--at", "2026-01-10T08:00:00+08:00")


def test_write_then_update_then_take_in(demo_file: Settings, tmp_path: Path) -> None:
    first, second = tmp_path / "1.xml", tmp_path / "2.xml"
    body = answer(demo_file, *WRITE, "--parameter", "loss.affected=20", "--parameter", "road=G45;closed;150522", "-o", str(first), "--json")
    assert body == {"identifier": "15050000000000_20260110080000_0", "file": str(first), "status": "Exercise"}
    (info,) = parse(first.read_bytes()).infos
    assert (info.geocodes, info.parameters.counts.affected, info.headline_en) == (("150522", "150502"), 20, "Blizzard orange warning")
    assert "科尔沁左翼后旗" in first.read_text("utf-8")
    assert answer(demo_file, "alert", "ingest", str(first), "--json")["alerts"][0]["status"] == "exercise"
    answer(demo_file, *WRITE, "--serial", "1", "--update", "15050000000000_20260110080000", "-o", str(second), "--json")
    assert parse(second.read_bytes()).references == ("15050000000000_20260110080000_0",)
    assert dispatch(demo_file, *WRITE, "--cancel", "15050000000000_20260110070000_0", "-o", str(second)).returncode == 0
    assert (parse(second.read_bytes()).msg_type, parse(second.read_bytes()).references) == ("Cancel", ("15050000000000_20260110070000_0",))


@pytest.mark.parametrize("more,code", [
    (("--update", "NONE"), 4), (("--county", "999999"), 4), (("--parameter", "loss.sheep=1"), 2), (("--place", "1505"), 2),
    (("--update", "A", "--cancel", "B"), 2), (("--at", "noon"), 2), (("--headline", " "), 2), (("--hazard", "plague"), 2),
])
def test_write_refuses_with_its_codes(demo_file: Settings, tmp_path: Path, more: tuple[str, ...], code: int) -> None:
    done = dispatch(demo_file, *WRITE, *more, "-o", str(tmp_path / "x.xml"))
    assert (done.returncode, (tmp_path / "x.xml").exists()) == (code, False)
    assert done.stderr.strip() and "Traceback" not in done.stderr


def test_write_to_nowhere_is_told(demo_file: Settings, tmp_path: Path) -> None:
    done = dispatch(demo_file, *WRITE, "-o", str(tmp_path / "none" / "x.xml"))
    assert done.returncode == 2 and "cannot be written" in done.stderr


def test_poll_once_answers_like_ingest(demo_file: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(cap_xml(status="Exercise"))
    body = answer(demo_file, "alert", "poll", str(tmp_path), "--once", "--json")
    assert body["problems"] == [] and [a["status"] for a in body["alerts"]] == ["exercise"]
    assert body["alerts"][0].keys() == {"file", "identifier", "status", "error", "situation", "level", "proposals"}
    (tmp_path / "b.xml").write_bytes(b"<alert>")
    done = dispatch(demo_file, "alert", "poll", str(tmp_path), "http://warnings.invalid/list", "--once", "--json")
    assert done.returncode == 2
    assert [p["error"]["code"] for p in json.loads(done.stdout)["problems"]] == ["refused"]
    unreachable = dispatch(demo_file, "alert", "poll", "http://127.0.0.1:9/", "--allow-host", "127.0.0.1", "--once")
    assert unreachable.returncode == 5 and "→" in unreachable.stdout
