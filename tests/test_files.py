"""A file appears whole or not at all, and trouble is told in words."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.errors import InvalidInput
from dispatch.files import whole_file


def test_it_appears_when_it_is_finished(tmp_path: Path) -> None:
    target = tmp_path / "a"
    with whole_file(target) as partial:
        partial.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole" and [p.name for p in tmp_path.iterdir()] == ["a"]


def test_what_was_there_stays_when_writing_fails(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_text("older")
    with pytest.raises(ZeroDivisionError), whole_file(target) as partial:
        partial.write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "older" and [p.name for p in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("name", ["no/folder/a", "file/a", "."])
def test_where_nothing_can_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="cannot be written"), whole_file(tmp_path / name) as partial:
        partial.write_text("x")


def test_where_room_runs_out(tmp_path: Path) -> None:
    """A process that may write 4 KiB to a file at most."""
    program = (
        "import signal; from pathlib import Path; from dispatch.files import whole_file; from dispatch.errors import Unavailable\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try:\n"
        f"    with whole_file(Path({str(tmp_path / 'a')!r})) as partial: partial.write_bytes(bytes(100_000))\n"
        "except Unavailable as error: print(error.message)\n"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
    assert "was not finished: File too large" in found.stdout and list(tmp_path.iterdir()) == []
