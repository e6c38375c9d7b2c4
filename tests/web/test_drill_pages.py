"""Pages of drills, on a score that a process of its own made: list, scenario, pictures, reports, side by side."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine

from dispatch.app import create_app
from dispatch.clock import FixedClock
from dispatch.drills import shelf
from dispatch.errors import Conflict
from tests.conftest import settings_of
from tests.web.conftest import Person

CODE, OTHER = "2015-04-15-alxa-left-earthquake", "2003-08-16-bairin-left-ar-horqin-earthquake"
NOW = datetime(2026, 11, 27, tzinfo=UTC)
LogIn = Callable[[str], Person]


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which one scenario has been played, started twice and played once."""
    folder = tmp_path_factory.mktemp("drills") / "scores"
    shelf.begin(folder, CODE, "leader", NOW)
    with pytest.raises(Conflict, match="started by leader"):
        shelf.begin(folder, CODE, "another", NOW)
    end = time.monotonic() + 300
    while shelf.standing(folder, CODE).running and time.monotonic() < end:
        time.sleep(0.2)
    assert shelf.standing(folder, CODE).failed == ""
    return folder


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def leader(demo: Engine, clock: FixedClock, scores: Path) -> Iterator[LogIn]:
    app = create_app(replace(settings_of(demo), drills_folder=scores), demo, clock)
    yield lambda name: Person(app.test_client(), name)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_list_scenario_and_comparison_show_the_score_and_what_it_rests_on(leader: LogIn, lang: str) -> None:
    person = leader("duty")
    rows = person.get(f"/drills/?lang={lang}")
    assert rows.count("<tr><td><a") >= 12 and f'href="/drills/{CODE}"' in rows
    page = person.get(f"/drills/{CODE}")
    assert ("演练——非实况" if lang == "zh" else "Drill: not a real event") in page
    told = json.loads((shelf_file := scores_of(person, CODE)).read_text("utf-8"))
    assert all(source["title"].split()[0] in page for source in told["sources"]) and shelf_file.exists()
    assert page.count('<img class="figure"') == 4
    for name in ("coverage", "first_goods", "timeline", "map"):
        answer = person.client.get(f"/drills/{CODE}/{name}.svg")
        assert answer.mimetype == "image/svg+xml" and b"<svg" in answer.data
        assert person.client.get(f"/drills/{CODE}/{name}.svg", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert CODE in person.get(f"/drills/compare?code={CODE}&code=no-such")


def scores_of(person: Person, code: str) -> Path:
    return Path(person.client.application.extensions["dispatch"].settings.drills_folder) / f"{code}.json"


def test_reports_are_taken_away_in_the_persons_language(leader: LogIn) -> None:
    person = leader("viewer")
    pdf = person.client.get(f"/drills/{CODE}/report.pdf")
    pages = PdfReader(io.BytesIO(pdf.data)).pages
    assert "attachment" in pdf.headers["Content-Disposition"] and all("演练" in page.extract_text() for page in pages)
    person.get("/?lang=en")
    assert b"DRILL" in person.client.get(f"/drills/{CODE}/report.html").data
    assert person.client.get(f"/drills/{CODE}/report.exe").status_code == 404
    assert person.client.get(f"/drills/{OTHER}/report.pdf").status_code == 404


def test_only_a_leader_starts_and_nothing_else_is_played(leader: LogIn) -> None:
    viewer, admin = leader("viewer"), leader("admin")
    assert viewer.post(f"/drills/{CODE}", f"/drills/{CODE}/play").status_code == 403
    assert "再次回放" not in viewer.get(f"/drills/{CODE}") and "再次回放" in admin.get(f"/drills/{CODE}")
    assert admin.post(f"/drills/{CODE}", "/drills/..%2f..%2fetc/play").status_code == 404
    assert admin.post(f"/drills/{CODE}", "/drills/no-such/play").status_code == 404
    assert "尚未回放" in admin.get(f"/drills/{OTHER}")


def test_a_replay_that_was_cut_off_is_told_and_can_be_started_again(leader: LogIn, scores: Path) -> None:
    mark = scores / f"{OTHER}.running"
    mark.write_text(json.dumps({"by": "leader", "since": NOW.isoformat(), "pid": 2**22 + 1}), "utf-8")
    assert "上次回放未完成" in leader("admin").get(f"/drills/{OTHER}")
    mark.unlink()
    shelf.finish(scores, OTHER, "坏了 broken <script>")
    page = leader("admin").get(f"/drills/{OTHER}")
    assert "坏了 broken &lt;script&gt;" in page and "开始回放" in page
    shelf.finish(scores, OTHER)
    assert shelf.standing(scores, OTHER).failed == ""


def test_a_file_that_is_no_score_is_told_and_hides_no_other(leader: LogIn, scores: Path) -> None:
    (scores / "spoilt.json").write_text("{", "utf-8")
    page = leader("duty").get("/drills/compare")
    assert "spoilt.json 不是演练评分文件" in page and CODE in page
    (scores / "spoilt.json").unlink()
