"""Areas, lines and signs of a scene drawn onto a PDF page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fpdf import FPDF
from fpdf.svg import SVGObject
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from dispatch.paper.hatch import dots_in, lines_in
from dispatch.paper.letters import printable
from dispatch.paper.projection import Projection
from maps.scene import Item, Layer, Marker, Scene, Track, Zone, legend_of
from maps.style import LIGHT, PLAIN, SHAPES, SIGNS, TRACKS, ZONES

MM_PER_PX = 0.22
LABEL_PT = 7.0
NUMERAL_PT = 10.0
LEFT_OUT = ("calm",)

Box = tuple[float, float, float, float]


def rgb(colour: str) -> tuple[int, int, int]:
    """A colour of the light theme by its name, as three numbers."""
    text = LIGHT[colour]
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def legend_lines(scene: Scene) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """What is drawn, layer by layer; layers that are off or empty are left out."""
    for layer in scene.layers:
        lines = legend_of(layer)
        if layer.is_on and lines:
            yield layer.title, lines


def draw_scene(page: FPDF, scene: Scene, projection: Projection) -> None:
    """Everything that is on, from bottom to top, cut at the frame; then the words where there is room."""
    frame = projection.frame
    window = box(frame.left, frame.top, frame.left + frame.width, frame.top + frame.height)
    layers = [layer for layer in scene.layers if layer.is_on]
    # the colours set inside end with it
    with page.local_context(), page.rect_clip(frame.left, frame.top, frame.width, frame.height):
        page.set_fill_color(*rgb("ground"))
        page.rect(frame.left, frame.top, frame.width, frame.height, style="F")
        for item in (item for layer in layers for item in layer.items):
            _draw(page, item, projection, window)
        _labels(page, layers, projection)


def draw_key(page: FPDF, kind: str, at: tuple[float, float]) -> None:
    """The sign of a kind before its line of the legend; ``at`` is left and top in millimetres."""
    left, top = at
    if kind in ZONES:
        _area(page, box(left, top, left + 10, top + 5), kind)
    elif kind in TRACKS:
        _line(page, [(left, top + 2.5), (left + 10, top + 2.5)], kind)
    else:
        _sign(page, kind, (left + 5, top + 2.5))


def _draw(page: FPDF, item: Item, projection: Projection, window: BaseGeometry) -> None:
    if isinstance(item, Zone):
        area = projection.shape(shape(item.geometry)).intersection(window)
        if not area.is_empty:
            _area(page, area, item.kind)
    elif isinstance(item, Track):
        _line(page, [projection.point(*point) for point in item.points], item.kind)
    else:
        _sign(page, item.kind, projection.point(item.lon, item.lat))


def _area(page: FPDF, area: BaseGeometry, kind: str) -> None:
    style = ZONES[kind]
    page.set_line_width(style.weight * MM_PER_PX)
    page.set_draw_color(*rgb(style.colour if style.is_outline else style.edge))
    page.set_fill_color(*_lighter(rgb(style.colour)) if style.pattern else rgb(style.colour))
    for part in getattr(area, "geoms", [area]):
        if part.geom_type == "Polygon":
            page.polygon(list(part.exterior.coords), style="D" if style.is_outline else "DF")
    if style.is_outline:
        return
    page.set_line_width(0.25)
    page.set_draw_color(*rgb("ink"))
    page.set_fill_color(*rgb("ink"))
    for start, end in lines_in(area, kind):
        page.line(*start, *end)
    for x, y in dots_in(area, kind):
        page.circle(x, y, 0.3, style="F")


def _lighter(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = ((value + 2 * 255) // 3 for value in colour)
    return red, green, blue


def _line(page: FPDF, points: Sequence[tuple[float, float]], kind: str) -> None:
    style = TRACKS[kind]
    passes = [(style.weight + 4, "plate", "")] if style.has_casing else []
    for weight, colour, dash in (*passes, (style.weight, style.colour, style.dash)):
        page.set_line_width(weight * MM_PER_PX)
        page.set_draw_color(*rgb(colour))
        if dash:
            on, off = (float(part) * MM_PER_PX for part in dash.split())
            page.set_dash_pattern(dash=on, gap=off)
        page.polyline(list(points))
        page.set_dash_pattern()


def _sign(page: FPDF, kind: str, at: tuple[float, float]) -> None:
    sign = SIGNS.get(kind, PLAIN)
    size = sign.size * MM_PER_PX
    fill = LIGHT[sign.colour] if sign.fill == "full" else LIGHT["plate"]
    dash = f' stroke-dasharray="{sign.dash}"' if sign.dash else ""
    low = f'<path d="M3 12H21V21H3Z" fill="{LIGHT[sign.colour]}"/>' if sign.fill == "low" else ""
    path = SHAPES[sign.shape]
    # a number without a unit is a point here
    side = size * page.k
    text = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="{side}" height="{side}">'
            f'<path d="{path}" fill="none" stroke="#ffffff" stroke-width="6"/>'
            f'<path d="{path}" fill="{fill}" stroke="{LIGHT[sign.colour]}" stroke-width="2.4"{dash}/>{low}</svg>')
    x, y = at
    SVGObject(text).draw_to_page(page, x - size / 2, y - size / 2)
    if sign.mark:
        page.set_font("zh", size=LABEL_PT)
        page.text(x + size / 2, y + 1, sign.mark)


def _labels(page: FPDF, layers: Sequence[Layer], projection: Projection) -> None:
    """Numerals and names of counties in force, then labels of points; what would overlap is left out."""
    taken: list[Box] = []
    for layer in layers:
        for item in layer.items:
            if isinstance(item, Zone) and item.label and item.kind not in LEFT_OUT:
                middle = projection.shape(shape(item.geometry).representative_point())
                _word(page, item.label, (middle.x, middle.y), (NUMERAL_PT, taken))
                _word(page, item.about.name, (middle.x, middle.y + 4), (LABEL_PT, taken))
    for item in (item for layer in layers for item in layer.items):
        if isinstance(item, Marker) and item.label:
            x, y = projection.point(item.lon, item.lat)
            _word(page, item.label, (x + 4, y), (LABEL_PT, taken))


def _word(page: FPDF, text: str, at: tuple[float, float], how: tuple[float, list[Box]]) -> None:
    size, taken = how
    page.set_font("zh", size=size)
    shown = printable(text)
    width, height = page.get_string_width(shown) + 1, size * 0.4
    left, top = at[0] - width / 2, at[1] - height / 2
    if any(left < b[2] and b[0] < left + width and top < b[3] and b[1] < top + height for b in taken):
        return
    taken.append((left, top, left + width, top + height))
    page.set_fill_color(255, 255, 255)
    page.rect(left, top, width, height, style="F")
    page.text(left + 0.5, top + height * 0.82, shown)
