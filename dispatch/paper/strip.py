"""The small map of a way on a driver's card: counties where they lie, roads between them, stops ringed."""

from __future__ import annotations

from math import cos, radians

from fpdf import FPDF

from dispatch.paper.letters import printable
from dispatch.paper.model import Strip

HEIGHT_MM, EDGE_MM = 78.0, 14.0
DOT_MM, STOP_MM = 1.2, 2.4
WHOLE = 1e-9


def draw_strip(sheet: FPDF, strip: Strip, width_mm: float) -> None:
    """Draw the map in a box as wide as the page; north is up, both axes to one scale."""
    if sheet.will_page_break(HEIGHT_MM + 4):
        sheet.add_page()
    left, top = sheet.l_margin, sheet.get_y() + 2
    sheet.rect(left, top, width_mm, HEIGHT_MM)
    places = _places(strip, (left, top), (width_mm, HEIGHT_MM))
    sheet.set_line_width(0.7)
    for (ax, ay), (bx, by) in zip(places, places[1:], strict=False):
        sheet.line(ax, ay, bx, by)
    sheet.set_line_width(0.2)
    sheet.set_font("zh", size=7)
    named: set[tuple[int, int]] = set()
    for n, ((ax, ay), (bx, by)) in enumerate(zip(places, places[1:], strict=False)):
        if strip.roads[n]:
            _label(sheet, printable(strip.roads[n]), ((ax + bx) / 2, (ay + by) / 2), named)
    sheet.set_font("zh", size=9)
    for n, (x, y) in enumerate(places):
        size = STOP_MM if n in strip.stops or n == 0 else DOT_MM
        sheet.ellipse(x - size / 2, y - size / 2, size, size, style="F" if n not in strip.stops else "D")
        order = strip.stops.index(n) + 1 if n in strip.stops else 0
        _label(sheet, printable(f"{order}. {strip.points[n][0]}" if order else strip.points[n][0]), (x + 1.5, y - 2.5), named)
    sheet.set_font("zh", size=7)
    sheet.text(left + width_mm - 14, top + 5, printable("北 N ↑"))
    sheet.set_y(top + HEIGHT_MM + 2)


def _label(sheet: FPDF, text: str, at: tuple[float, float], taken: set[tuple[int, int]]) -> None:
    """Write beside a point, lower where something is written already."""
    x, y = at
    while (round(x / 20), round(y / 4)) in taken:
        y += 4
    taken.add((round(x / 20), round(y / 4)))
    width = sheet.get_string_width(text)
    right = sheet.l_margin + sheet.epw
    x = min(x, right - width - 1)
    # white under the words, so that no road runs through them
    sheet.set_fill_color(255)
    sheet.rect(x - 0.3, y - 2.8, width + 0.6, 3.4, style="F")
    sheet.set_fill_color(0)
    sheet.text(x, y, text)


def _places(strip: Strip, corner: tuple[float, float], size: tuple[float, float]) -> list[tuple[float, float]]:
    """Points in millimetres on the page; a degree of longitude is shorter by the cosine of the latitude."""
    middle = sum(lat for _, _, lat in strip.points) / len(strip.points)
    xs = [lon * cos(radians(middle)) for _, lon, _ in strip.points]
    ys = [-lat for _, _, lat in strip.points]
    (left, top), (width, height) = corner, size
    wide, high = max(max(xs) - min(xs), WHOLE), max(max(ys) - min(ys), WHOLE)
    scale = min((width - 2 * EDGE_MM - 20) / wide, (height - 2 * EDGE_MM) / high)
    return [
        (left + EDGE_MM + (x - min(xs)) * scale, top + (height - high * scale) / 2 + (y - min(ys)) * scale)
        for x, y in zip(xs, ys, strict=True)
    ]
