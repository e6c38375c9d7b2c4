"""The map on paper: drawn to scale, told apart in grey, with everything a reader needs to trust it."""

from __future__ import annotations

import io
import math

import pypdf
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box, mapping

from dispatch.paper.hatch import SPACING_MM, dots_in, lines_in
from dispatch.paper.map_page import MapSheet, map_pdf
from dispatch.paper.projection import EARTH_M, Frame, fit, metres
from maps.scene import About, Layer, Marker, Scene, Track, Zone

FRAME = Frame(10, 36, 300, 230)
AREA = box(121, 43, 123, 45)
SCENE = Scene(
    (
        Layer("响应级别", (Zone(mapping(AREA), "red", "x", "I", About("county:1", "科尔沁区")),), "levels", (("red", "I 级响应"), ("blue", "IV 级响应"))),
        Layer("道路", (Track(((121.0, 43.0), (123.0, 45.0)), "closed", "G304"),), "roads", (("closed", "道路封闭"),)),
        Layer("仓库", (Marker(122.0, 44.0, "stock_bad", "通辽仓库", "通辽"),), "warehouses", (("stock_bad", "低于最低储备"),)),
        Layer("关着的", (Marker(122.0, 44.0, "team", "x"),), "teams", (("team", "不显示"),), False),
    ),
    (120.0, 42.0, 124.0, 46.0),
)


def sheet(size: str = "A3", is_live: bool = True) -> MapSheet:
    return MapSheet(
        "救灾态势图", ("通辽市暴雪：I 级响应",), SCENE, "数据截至 2021-11-08 22:22", "打印于 2021-11-08 22:25", "实战" if is_live else "演练", is_live,
        {"legend": "图例", "north": "北"}, ("图层", "名称", "状态", "地点", "时间"), (("道路", "G304", "封闭", "通辽市", "11-08 20:00"),), size,
    )


@pytest.mark.parametrize(("size", "width", "height"), [("A3", 420, 297), ("A4", 297, 210)])
def test_the_sheet_says_all_it_must_in_embedded_characters(size: str, width: int, height: int) -> None:
    document = pypdf.PdfReader(io.BytesIO(map_pdf(sheet(size))))
    first, second = (page.extract_text() for page in document.pages)
    for words in ("救灾态势图", "通辽市暴雪：I 级响应", "图例", "I 级响应", "道路封闭", "低于最低储备", "科尔沁区", "北", "km", "数据截至 2021-11-08 22:22", "实战", "1 / 2"):
        assert words in first, words
    assert "IV 级响应" not in first and "不显示" not in first
    assert "G304" in second and "2 / 2" in second
    page = document.pages[0]
    assert (round(float(page.mediabox.width) / 72 * 25.4), round(float(page.mediabox.height) / 72 * 25.4)) == (width, height)
    font = next(iter(page["/Resources"]["/Font"].values())).get_object()
    descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
    assert "/FontFile2" in descriptor


def test_what_is_not_live_says_so_across_the_map() -> None:
    counts = [pypdf.PdfReader(io.BytesIO(map_pdf(sheet(is_live=live)))).pages[0].extract_text().count("演练") for live in (True, False)]
    assert counts == [0, 3]


def test_ground_is_kept_in_proportion_and_the_scale_bar_is_true() -> None:
    projection = fit((97.2, 37.4, 126.1, 53.3), FRAME)
    km, length = projection.scale_bar(75)
    assert km == 500 and length <= 75
    for lat in (39.0, 44.0, 49.0):
        ground = EARTH_M * math.cos(math.radians(lat)) * math.radians(1)
        drawn = math.dist(projection.point(112, lat), projection.point(113, lat)) / length * km * 1000
        assert abs(drawn / ground - 1) < 0.02, lat
    # equal areas: a degree field shrinks with the cosine of its latitude and nothing else
    sizes = [shapely.transform(box(110, lat, 111, lat + 1).segmentize(0.02), lambda ps: [metres(*p) for p in ps]).area for lat in (38, 51)]
    spheres = [EARTH_M**2 * math.radians(1) * (math.sin(math.radians(lat + 1)) - math.sin(math.radians(lat))) for lat in (38, 51)]
    assert all(abs(size / sphere - 1) < 1e-3 for size, sphere in zip(sizes, spheres, strict=True))


@given(st.floats(97, 126), st.floats(37, 53), st.floats(0.01, 8), st.floats(0.01, 8))
def test_what_is_asked_for_lies_in_the_frame(west: float, south: float, width: float, height: float) -> None:
    projection = fit((west, south, west + width, south + height), FRAME)
    for lon in (west, west + width):
        for lat in (south, south + height):
            x, y = projection.point(lon, lat)
            assert FRAME.left <= x <= FRAME.left + FRAME.width and FRAME.top <= y <= FRAME.top + FRAME.height


@pytest.mark.parametrize(("kind", "directions"), [("blue", {0}), ("orange", {45}), ("red", {45, 135}), ("special", {90}), ("calm", set())])
def test_each_level_has_strokes_of_its_own_inside_its_area(kind: str, directions: set[int]) -> None:
    area = Polygon([(0, 0), (40, 5), (30, 30), (5, 35)], [[(15, 15), (20, 15), (20, 20)]])
    found = list(lines_in(area, kind))
    angles = {round(math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))) % 180 for a, b in found}
    assert angles == directions
    assert all(area.buffer(1e-6).contains(LineString(line)) for line in found)
    assert not list(dots_in(area, kind))


def test_dots_fill_their_area_evenly() -> None:
    area = box(0, 0, 48, 48)
    dots = list(dots_in(area, "yellow"))
    assert not list(lines_in(area, "yellow")) and all(area.contains(Point(dot)) for dot in dots)
    assert abs(len(dots) / (48 / SPACING_MM) ** 2 - 1) < 0.1
