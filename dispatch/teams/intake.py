"""Taking in teams beside the region's own: those of counties and of outside organisations."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.audit.store import Act, record
from dispatch.clock import Clock
from dispatch.db import run_in_transaction
from dispatch.errors import Conflict, InvalidInput
from dispatch.geography.store import list_counties
from dispatch.teams.access import check_manages, viewer_of
from dispatch.teams.fields import clean_text, one_of, wrong
from dispatch.teams.model import Team
from dispatch.teams.rules import load_team_rule
from dispatch.teams.store import save_teams
from dispatch.teams.tables import TeamRow

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,19}")
MOST_PEOPLE = 999


@dataclass(frozen=True, slots=True)
class NewTeam:
    """A team as it presents itself; ``organisation`` is empty for a county's own team."""

    code: str
    name_zh: str
    name_en: str
    organisation: str
    speciality: str
    home_county: str
    staff: int
    volunteers: int


def take_in(engine: Engine, given: NewTeam, actor: str, clock: Clock) -> str:
    """Put a county's or an outside team on the list; returns its code.

    Head counts are what the team says until its roster is there.
    """
    code = given.code.strip().upper()
    if not _CODE.fullmatch(code):
        raise wrong(("队伍编号", "team code"), code, ("3 至 20 位大写字母、数字和连字符", "3 to 20 capitals, digits and hyphens"))
    rule = load_team_rule()
    speciality = one_of(given.speciality, {c: s.name for c, s in rule.specialities.items()}, ("专业", "speciality"))
    name_zh = clean_text(given.name_zh, 60, ("队名", "name"))
    organisation = clean_text(given.organisation, 120, ("所属单位", "organisation"))
    if not name_zh:
        raise InvalidInput("The team has no name.", remedy="Write its Chinese name.", zh="缺少队名。", remedy_zh="请填写队名。")
    for count in (given.staff, given.volunteers):
        if not 0 <= count <= MOST_PEOPLE:
            raise wrong(("人数", "head count"), str(count), (f"0 至 {MOST_PEOPLE}", f"0 to {MOST_PEOPLE}"))

    def work(session: Session) -> str:
        county = next((c for c in list_counties(session) if c.adcode == given.home_county), None)
        if county is None:
            raise wrong(("驻地旗县", "home county"), given.home_county, ("内蒙古的旗县代码", "an adcode of a county here"))
        team = Team(
            code=code, name_zh=name_zh, name_en=clean_text(given.name_en, 100, ("英文名", "English name")) or name_zh,
            tier="outside" if organisation else "county", league_adcode=county.league_adcode, home_county=county.adcode,
            speciality=speciality, staff=given.staff, volunteers=given.volunteers, status="available",
            is_assumption=True, organisation=organisation or None,
        )
        check_manages(viewer_of(session, actor), team)
        if session.get(TeamRow, code) is not None:
            raise Conflict(f"There is a team {code} already.", remedy="Give another code.",
                           zh=f"编号 {code} 已被使用。", remedy_zh="请换一个编号。")
        save_teams(session, [team])
        record(session, Act(actor, "team.take_in", code, team.tier), clock.now())
        return code

    return run_in_transaction(engine, work)
