"""The console script as others call it: JSON shapes and exit codes."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from dispatch.cli import main
from dispatch.config import PROJECT_ROOT, Settings
from dispatch.reference.read import DATA
from tests.builders import cap_xml


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


def environment(settings: Settings) -> dict[str, str]:
    return {"DISPATCH_DATABASE_URL": settings.database_url, "DISPATCH_SOLVE_SECONDS": "1"}


def script(settings: Settings, *arguments: str) -> Done:
    """The command as installed, in a process of its own."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "dispatch"), *arguments], cwd=PROJECT_ROOT,
        env={**os.environ, **environment(settings)}, capture_output=True, text=True, check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def dispatch(settings: Settings, *arguments: str) -> Done:
    """What the command does, without the seconds that starting a process takes."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["dispatch", *arguments])
        for name, value in environment(settings).items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def answer(settings: Settings, *arguments: str) -> dict:
    done = dispatch(settings, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_installed_command_answers_like_the_one_called_here(demo_file: Settings) -> None:
    for arguments, code in ((("proposal", "list", "--json"), 0), (("proposal", "show", "P-NONE"), 4), (("frobnicate",), 2)):
        done, here = script(demo_file, *arguments), dispatch(demo_file, *arguments)
        assert (done.returncode, done.stdout) == (here.returncode, here.stdout) and done.returncode == code
        assert done.stderr.splitlines()[-1:] == here.stderr.splitlines()[-1:]


def test_proposal_json_keeps_its_contract(demo_file: Settings) -> None:
    (row,) = answer(demo_file, "proposal", "list", "--json")["proposals"]
    body = answer(demo_file, "proposal", "show", row["code"], "--json")
    assert body.keys() >= {"code", "status", "level", "verified", "headline", "needs", "lines", "gaps", "routes", "teams", "solver"}
    assert body["needs"][0].keys() >= {"county", "item", "quantity", "due_at"}
    assert body["lines"][0].keys() >= {"item", "quantity", "from", "to", "arrives_at", "reason"}
    assert body["lines"][0]["reason"].keys() == {"code", "zh", "en"}
    assert body["routes"][0].keys() >= {"vehicle", "depot", "stops", "legs", "distance_m", "duration_s"}
    assert body["routes"][0]["stops"][0].keys() >= {"place", "arrives_at"}
    assert body["solver"].keys() >= {"status", "bound", "gap", "runtime_s", "seed", "input_hash"}


def test_ingest_answers_per_document_and_exits_2(demo_file: Settings, tmp_path: Path) -> None:
    bad, exercise = tmp_path / "bad.xml", tmp_path / "exercise.xml"
    bad.write_bytes(b"<alert>")
    exercise.write_bytes(cap_xml(status="Exercise"))
    known = next((DATA / "examples").rglob("01*.xml"))
    done = dispatch(demo_file, "alert", "ingest", str(bad), str(exercise), str(known), "--json")
    assert done.returncode == 2
    alerts = json.loads(done.stdout)["alerts"]
    assert [a["status"] for a in alerts] == ["quarantined", "exercise", "duplicate"]
    assert all(a.keys() == {"file", "identifier", "status", "error", "situation", "level", "proposals"} for a in alerts)


def test_approval_by_command_line_and_its_refusals(demo_file: Settings) -> None:
    code = "P-20211108-001"
    assert dispatch(demo_file, "proposal", "approve", code, "--as", "approver").returncode == 3
    assert dispatch(demo_file, "proposal", "submit", code, "--as", "duty").returncode == 0
    own = dispatch(demo_file, "proposal", "approve", code, "--as", "duty")
    assert own.returncode == 3 and "→" in own.stderr
    done = answer(demo_file, "proposal", "approve", code, "--as", "approver", "--json")
    assert done["status"] == "approved" and done["waybills"]
    verify = answer(demo_file, "stock", "verify", "--json")
    assert verify.keys() == {"places", "lots", "movements", "discrepancies"} and verify["discrepancies"] == []


@pytest.mark.parametrize("arguments,code", [
    (("proposal", "show", "P-NONE"), 4),
    (("proposal", "approve", "P-NONE", "--as", "approver"), 4),
    (("proposal", "submit", "P-20211108-001", "--as", "nobody"), 4),
    (("alert", "ingest", "/no/such/file"), 2),
    (("proposal", "submit", "P-20211108-001", "--as", "viewer"), 3),
    (("frobnicate",), 2),
])
def test_exit_codes(demo_file: Settings, arguments: tuple[str, ...], code: int) -> None:
    done = dispatch(demo_file, *arguments)
    assert done.returncode == code
    assert done.stderr.strip() and "Traceback" not in done.stderr


def test_plan_assess_json(demo_file: Settings) -> None:
    ask = ("plan", "assess", "--tier", "league", "--place", "150500", "--hazard", "blizzard",
           "--at", "2024-07-01T08:00+08:00", "--dead", "3", "--json")
    body = answer(demo_file, *ask)
    assert body["level"] == 3 and body["policy"]["is_assumption"]
    assert all(c.keys() >= {"name", "observed", "threshold", "met", "source"} for c in body["criteria"])
    assert body["next_up"]["level"] == 2
    nearest = body["next_up"]["needs"][0]
    assert (nearest["name"], nearest["observed"], nearest["threshold"], nearest["missing"]) == ("dead_missing", 3, 5, 2)
    assert dispatch(demo_file, *ask[:4], "--place", "150522", *ask[6:]).returncode == 2
    assert dispatch(demo_file, *ask[:4], "--place", "999999", *ask[6:]).returncode == 4
    assert dispatch(demo_file, *ask[:-2], "-5").returncode == 2


def test_stock_json(demo_file: Settings) -> None:
    rows = answer(demo_file, "stock", "show", "--warehouse", "WH-150500", "--json")["stock"]
    assert rows and all(r["available"] == r["on_hand"] - r["reserved"] for r in rows)
    assert all(r["is_demo"] for r in rows)


def test_a_database_that_was_not_set_up_says_so(tmp_path: Path) -> None:
    done = dispatch(Settings(f"sqlite:///{tmp_path}/none.sqlite"), "proposal", "list")
    assert done.returncode == 5 and "dispatch init" in done.stderr


def test_a_plan_is_edited_and_compared_by_command_line(demo_file: Settings) -> None:
    code = "P-20211108-001"
    truck = answer(demo_file, "proposal", "show", code, "--json")["routes"][0]["vehicle"]
    done = answer(demo_file, "proposal", "edit", code, "--as", "duty", "--leave", truck, "--alpha", "0.7", "--json")
    assert done.keys() == {"code", "edited", "wishes"} and done["wishes"]["alpha"] == 0.7
    assert done["edited"].keys() >= {"from", "by", "at", "asked", "editors", "changes"}
    assert truck in done["wishes"]["pins"]["without"]
    rows = answer(demo_file, "proposal", "alternatives", done["code"], "--json")["alternatives"]
    assert [row["mode"] for row in rows] == ["balanced", "fast", "fair", "frugal"]
    assert all(row.keys() == {"mode", "zh", "en", "is_current", "figures", "error", "differences"} for row in rows)
    assert dispatch(demo_file, "proposal", "edit", code, "--as", "duty").returncode == 3
    for wrong in (("--pin-line", "WH-150500:150521=5"), ("--pin-truck", "X"), ("--mode", "cheapest"), ("--keep", "X")):
        assert dispatch(demo_file, "proposal", "edit", done["code"], "--as", "duty", *wrong).returncode == 2
    assert dispatch(demo_file, "proposal", "edit", done["code"], "--as", "viewer").returncode == 3
