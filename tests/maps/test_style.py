"""Every kind can be told from what lies next to it, with eyes that see no colour too."""

from itertools import combinations_with_replacement

import pytest

from maps.style import SHAPES, SIGNS, THEMES, TRACKS, ZONES, contrast

AREAS = sorted(kind for kind, style in ZONES.items() if not style.is_outline)
LEAST = 3.0  # WCAG 2.2, 1.4.11: graphical objects
TEXT = 4.5  # 1.4.3


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize(("one", "other"), list(combinations_with_replacement(AREAS, 2)))
def test_neighbouring_areas_differ_or_the_edge_between_them_does(theme: str, one: str, other: str) -> None:
    colours = THEMES[theme]
    a, b = colours[ZONES[one].colour], colours[ZONES[other].colour]
    # the stronger edge lies on top
    edge = colours[max((ZONES[one], ZONES[other]), key=lambda z: z.weight).edge]
    by_edge = min(contrast(edge, a), contrast(edge, b))
    assert max(contrast(a, b), by_edge) >= LEAST


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_the_pattern_of_an_area_stands_out_from_its_colour(theme: str) -> None:
    colours = THEMES[theme]
    for kind in AREAS:
        if ZONES[kind].pattern:
            assert contrast(colours["ink"], colours[ZONES[kind].colour]) >= LEAST, kind


def test_no_two_areas_share_a_pattern_and_no_two_outlines_a_dash() -> None:
    patterns = [ZONES[kind].pattern for kind in AREAS]
    dashes = [style.dash for style in ZONES.values() if style.is_outline]
    assert len(set(patterns)) == len(patterns) and len(set(dashes)) == len(dashes)


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize("kind", sorted(TRACKS))
def test_lines_stand_out_from_their_casing_or_from_the_ground(theme: str, kind: str) -> None:
    colours, style = THEMES[theme], TRACKS[kind]
    beside = [colours["plate"]] if style.has_casing else [colours["calm"]]
    assert all(contrast(colours[style.colour], other) >= LEAST for other in beside)


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize("kind", sorted(SIGNS))
def test_signs_stand_out_from_their_halo(theme: str, kind: str) -> None:
    colours, sign = THEMES[theme], SIGNS[kind]
    assert sign.shape in SHAPES
    assert contrast(colours[sign.colour], colours["plate"]) >= LEAST


def test_no_two_states_of_a_thing_look_alike_without_colour() -> None:
    for family in ("stock_", "team", "truck"):
        looks = [(s.shape, s.fill, s.mark, s.dash) for kind, s in SIGNS.items() if kind.startswith(family)]
        assert len(set(looks)) == len(looks), family


def test_numerals_are_read_on_their_plate() -> None:
    assert contrast("#14202e", "#ffffff") >= TEXT


def test_contrast_of_known_pairs() -> None:
    # WCAG's own ends of the scale, and #767676 on white as the well-known grey at 4.54
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#ffffff") == 1
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
