"""Places as sources name them: adcodes, or Chinese names of counties, leagues and the region.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from dispatch.places import REGION_ADCODE

BETWEEN = re.compile(r"[\s/、,，;；()（）]+")
SHORT_ENDS = ("自治区", "盟", "市")


def resolve(area: str, names: Mapping[str, tuple[str, str]]) -> tuple[str, ...]:
    """The adcodes of the places an area names, in its order; words that name none are left out.

    ``names`` maps adcode to (Chinese, English).  Leagues and the region are known without their
    last syllable too (通辽, 内蒙古); counties by their whole name only.
    """
    known = _index(names)
    found = (known.get(word) for word in BETWEEN.split(area))
    return tuple(dict.fromkeys(code for code in found if code))


def holder(places: Iterable[str]) -> str:
    """The smallest place that holds all of some: a county, a league or the region."""
    several = sorted(set(places))
    if len(several) == 1:
        return several[0]
    leagues = {code[:4] for code in several}
    return leagues.pop() + "00" if len(leagues) == 1 else REGION_ADCODE


def counties_in(places: Iterable[str], counties: Iterable[str]) -> tuple[str, ...]:
    """Those of some counties that lie in the places."""
    wide = {REGION_ADCODE: "15"}
    heads = tuple(wide.get(p, p[:4] if p.endswith("00") else p) for p in places)
    return tuple(county for county in counties if heads and county.startswith(heads))


def _index(names: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, (zh, _en) in names.items():
        found.setdefault(zh, code)
        end = next((e for e in SHORT_ENDS if zh.endswith(e)), "")
        if end and code.endswith("00"):
            found.setdefault(zh.removesuffix(end), code)
    return found
