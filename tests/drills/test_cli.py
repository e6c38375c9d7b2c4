"""``dispatch drill``: what programs read, what people read, and what a fault answers."""

import json
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from dispatch import cli
from dispatch.drills.library import shipped_files
from tests.drills.files import HEAD, QUAKE


def call(*arguments: str) -> int:
    """The command as the console runs it; its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["dispatch", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
    return int(left.value.code or 0)


def test_the_list_names_every_shipped_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("drill", "list", "--json") == 0
    rows = json.loads(capsys.readouterr().out)["scenarios"]
    assert [row["code"] for row in rows] == [path.stem for path in shipped_files()]
    assert all(row["facts"] and row["sources"] and row["counties"] for row in rows)


def test_a_file_of_ones_own_is_run_and_its_score_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    live = tmp_path / "live.sqlite"
    monkeypatch.setenv("DISPATCH_DATABASE_URL", f"sqlite:///{live}")
    own = tmp_path / "own.yaml"
    # the report names no source: private, and marked so
    own.write_text((HEAD + QUAKE).replace("deaths: null}\n  source: s1", "deaths: null}", 1), "utf-8")
    assert call("drill", "run", str(own), "--seed", "3", "--json", "--report", str(tmp_path / "out")) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["scenario"], result["seed"], result["policy"]) == ("test-quake", 3, "then")
    assert any("no source, for private use only: entries 2" in a["en"] for a in result["assumptions"])
    kept = json.loads((tmp_path / "out" / "test-quake.json").read_text("utf-8"))
    assert kept.pop("report")["counties"] and kept == result
    for lang, mark in (("zh", "演练"), ("en", "DRILL")):
        assert mark in (tmp_path / "out" / f"test-quake.{lang}.html").read_text("utf-8")
        pages = PdfReader(tmp_path / "out" / f"test-quake.{lang}.pdf").pages
        assert pages and all(mark in page.extract_text() for page in pages)
    assert not live.exists()


def test_faults_are_told_with_their_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text((HEAD + QUAKE).replace("kind: report", "kind: rumour"), "utf-8")
    assert call("drill", "run", str(bad)) == 2
    told = capsys.readouterr().err
    assert "Line 18: kind of entry 2 of the timeline is 'rumour'" in told and "第 18 行" in told
    assert call("drill", "run", "no-such") == 4
    assert "`dispatch drill list` shows the codes there are" in capsys.readouterr().err
