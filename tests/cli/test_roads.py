"""``dispatch roads`` as others call it."""

import json
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result

from dispatch.cli.roads import roads as command
from dispatch.errors import DispatchError, InvalidInput, NotFound
from dispatch.reference.load import read_counties, read_edges
from tests.routing.extracts import facts_extract
from tests.routing.test_imports import needs_programs


def dispatch(folder: Path, *arguments: str, roads: str = "facts") -> Result:
    with patch.dict("os.environ", {"DISPATCH_ROADS": roads, "DISPATCH_ROADS_FOLDER": str(folder)}):
        return CliRunner().invoke(command, arguments)


def test_status_and_route_without_imported_roads(tmp_path: Path) -> None:
    assert "按设置使用道路表" in dispatch(tmp_path, "status").stdout
    body = json.loads(dispatch(tmp_path, "status", "--json", roads="valhalla").stdout)
    assert (body["in_use"], body["reason"]["code"], body["imported"]) == ("facts", "roads_none", None)
    drive = json.loads(dispatch(tmp_path, "route", "150102", "150921", "--json").stdout)
    assert drive["roads"] == "facts" and drive["drive"]["distance_m"] == 88_000
    without = json.loads(dispatch(tmp_path, "route", "150102", "150921", "--closed", "18", "--closed", "2", "--json").stdout)
    assert [leg["edge_id"] for leg in without["drive"]["legs"]] == [19]


@pytest.mark.parametrize(("arguments", "roads", "kind", "said"), [
    (("route", "150102", "999999"), "facts", NotFound, "no county or road 999999"),
    (("route", "150102", "150921", "--closed", "4711"), "facts", NotFound, "no county or road 4711"),
    (("status",), "horse", InvalidInput, "DISPATCH_ROADS is 'horse'"),
])
def test_bad_questions(tmp_path: Path, arguments: tuple[str, ...], roads: str, kind: type[DispatchError], said: str) -> None:
    error = dispatch(tmp_path, *arguments, roads=roads).exception
    assert isinstance(error, kind) and said in error.message and error.remedy and error.remedy_zh


def test_a_bad_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.osm.pbf"
    path.touch()
    error = dispatch(tmp_path / "roads", "import", str(path)).exception
    assert isinstance(error, InvalidInput) and "empty.osm.pbf is empty" in error.message


@needs_programs
def test_an_extract_is_taken_in_shown_with_its_licence_and_driven_on(tmp_path: Path) -> None:
    seats = {c.adcode: c.seat for c in read_counties()}
    near = [e for e in read_edges() if e.from_adcode.startswith("1505") and e.to_adcode.startswith("1505")]
    some = {code for e in near for code in (e.from_adcode, e.to_adcode)}
    extract = facts_extract(tmp_path / "tongliao.osm.pbf", near, {code: seats[code] for code in some})
    folder = tmp_path / "roads"
    taken = dispatch(folder, "import", str(extract))
    assert taken.exit_code == 0, taken.output
    assert f"道路 ways {2 * len(near)}" in taken.stdout and "附近无道路" in taken.stdout and "DISPATCH_ROADS=valhalla" in taken.stdout
    shown = dispatch(folder, "status", roads="valhalla").stdout
    assert "使用导入的路网" in shown and "OpenStreetMap contributors" in shown and "ODbL" in shown
    edge = near[0]
    done = dispatch(folder, "route", edge.from_adcode, edge.to_adcode, "--json", roads="valhalla")
    assert json.loads(done.stdout)["roads"] == "valhalla" and "OpenStreetMap" in done.stderr
