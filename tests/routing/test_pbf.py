"""Is a file a whole extract: what is wrong is said, and where."""

import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dispatch.errors import InvalidInput
from dispatch.geo import LonLat
from dispatch.routing.pbf import check_pbf
from tests.routing.extracts import write_extract

NODES = {1: LonLat(116.0, 44.0), 2: LonLat(116.3, 44.0)}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_extract(tmp_path_factory.mktemp("pbf") / "whole.osm.pbf", NODES, [([1, 2], {"highway": "primary"})])


def test_a_whole_extract_passes(whole: Path) -> None:
    check_pbf(whole)


@pytest.mark.parametrize(("content", "said"), [
    (b"", "is empty"),
    (b"PK\x03\x04 some other file" * 40, "is not an OpenStreetMap PBF file"),
    (b"<?xml version='1.0'?><osm/>", "is not an OpenStreetMap PBF file"),
    (b"\x00\x00", "is not an OpenStreetMap PBF file"),
    (b"\x00\x00\x00\x0c\x0a\x07OSMData\x18\x00\x08", "is not an OpenStreetMap PBF file"),
])
def test_another_file_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=said):
        check_pbf(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        check_pbf(tmp_path / "nothing.osm.pbf")


def test_damage_is_told_with_its_place(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "damaged.osm.pbf"
    path.write_bytes(whole.read_bytes() + b"\xff\xff\xff\xff")
    with pytest.raises(InvalidInput, match=f"damaged at byte {whole.stat().st_size}"):
        check_pbf(path)


@given(data=st.data())
def test_a_file_cut_anywhere_is_refused(whole: Path, data: st.DataObject) -> None:
    content = whole.read_bytes()
    path = whole.parent / "cut.osm.pbf"
    length = data.draw(st.integers(0, len(content) - 1))
    # what is cut off between two blocks of data leaves a whole file
    assume(all(length != found.start() - 6 for found in list(re.finditer(b"OSMData", content))[1:]))
    path.write_bytes(content[:length])
    with pytest.raises(InvalidInput):
        check_pbf(path)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(InvalidInput):
        check_pbf(path)
