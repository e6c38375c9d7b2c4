"""Rows of a roster sheet ↔ members and their certificates; every fault with its row and column.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dispatch.errors import InvalidInput
from dispatch.exchange.rows import Fault
from dispatch.exchange.sheets import Formula, Sheet, to_day
from dispatch.teams.fields import (
    KINDS,
    LANGUAGES,
    clean_codes,
    clean_kind,
    clean_name,
    clean_phone,
    make_certificate,
    one_of,
)
from dispatch.teams.model import Certificate, Member, MemberStatus, Roster
from dispatch.teams.rules import Name, TeamRule

KIND = "roster"
COLUMNS: dict[str, tuple[str, ...]] = {
    "team": ("救援队", "team"), "name": ("姓名", "name"), "kind": ("类别", "kind"), "phone": ("电话", "phone"),
    "roles": ("职责", "roles"), "languages": ("语言", "languages"), "skill": ("技能", "skill"),
    "issued_on": ("发证日期", "issued_on"), "expires_on": ("有效期至", "expires_on"), "number": ("证书编号", "number"),
}
REQUIRED = ("team", "name", "kind", "phone")
OF_PERSON = ("team", "name", "kind", "roles", "languages")
FOR_LIFE = ("长期", "for life")
TAGS = {"team": "#org+code", "name": "#contact+name", "phone": "#contact+phone", "issued_on": "#date+issued",
        "expires_on": "#date+expiry"}


@dataclass(frozen=True)
class Here:
    """What there is: the rule, the day, teams by code, those the uploader manages, and by telephone
    (team code, name) of everyone in a team."""

    rule: TeamRule
    today: date
    teams: Mapping[str, Name]
    managed: frozenset[str]
    phones: Mapping[str, tuple[str, str]]


def read_roster(sheet: Sheet, here: Here) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Clean records (with ``row``) and every fault; a row with a fault is left out of the records."""
    titles = {name: next((t for t in names if t in sheet.header), None) for name, names in COLUMNS.items()}
    missing = [COLUMNS[name][0] for name in REQUIRED if titles[name] is None]
    if missing:
        listed = "、".join(missing)
        return [], [Fault(1, listed, f"缺少列：{listed}", f"columns missing: {listed}")]
    records: list[dict[str, Any]] = []
    faults: list[Fault] = []
    people: dict[str, dict[str, Any]] = {}
    proofs: dict[tuple[Any, ...], int] = {}
    for number, cells in sheet.rows:
        row = _Row(number, {name: cells.get(title) for name, title in titles.items() if title}, here)
        record = row.read()
        row.compare(people, proofs)
        faults += row.faults
        if not row.faults:
            records.append(record)
    return records, faults


class _Row:
    """One row while it is read; collects what is wrong with it."""

    def __init__(self, number: int, given: Mapping[str, Any], here: Here) -> None:
        self.number, self.given, self.here = number, given, here
        self.faults: list[Fault] = []
        self.record: dict[str, Any] = {"row": number}

    def add(self, name: str, zh: str, en: str) -> None:
        """Note a fault of a column."""
        self.faults.append(Fault(self.number, COLUMNS[name][0], zh, en))

    def text(self, name: str) -> str:
        """What stands in a cell, as text."""
        value = self.given.get(name)
        return "" if value is None else str(value).strip()

    def keep(self, name: str, read: Callable[[], Any]) -> Any:
        """What a reader makes of a cell; its error becomes a fault of the column."""
        try:
            value = read()
        except InvalidInput as error:
            self.add(name, f"{error.message_zh}{error.remedy_zh}", f"{error.message} {error.remedy}")
            return None
        self.record[name] = value
        return value

    def read(self) -> dict[str, Any]:
        """The record of the row, as far as it can be read."""
        for name, value in self.given.items():
            if isinstance(value, Formula):
                self.add(name, f"单元格是公式 {value[:30]!r}，请粘贴为数值", f"the cell holds the formula {value[:30]!r}; paste the value")
            elif name in REQUIRED and not self.text(name):
                self.add(name, "不能为空", "must not be empty")
        if self.faults:
            return self.record
        rule = self.here.rule
        self._read_team()
        self.keep("name", lambda: clean_name(self.text("name")))
        self.keep("kind", lambda: clean_kind(self.text("kind")))
        self.keep("phone", lambda: clean_phone(self.given.get("phone")))
        self.keep("roles", lambda: " ".join(clean_codes(self.text("roles"), rule.roles, ("职责", "role"))))
        self.keep("languages", lambda: " ".join(clean_codes(self.text("languages"), LANGUAGES, ("语言", "language"))))
        self._read_proof()
        return self.record

    def _read_team(self) -> None:
        code = self.keep("team", lambda: one_of(self.text("team"), {
            c: n for c, n in self.here.teams.items() if self.text("team") in (c, *n)}, ("救援队", "team")))
        if code and code not in self.here.managed:
            self.add("team", f"{code} 不在您的管辖范围", f"{code} is not in your place")

    def _read_proof(self) -> None:
        given = [name for name in ("skill", "issued_on", "expires_on", "number") if self.text(name)]
        if not given:
            return
        days = {name: self._day(name) for name in ("issued_on", "expires_on")}
        for name in ("skill", "issued_on"):
            if name not in given:
                self.add(name, "证书须有技能和发证日期", "a certificate needs its skill and its day of issue")
        if self.faults:
            return
        for_life = self.text("expires_on").casefold() in FOR_LIFE
        issued, ends = days["issued_on"], days["expires_on"]
        if issued is None:
            return
        try:
            proof = make_certificate(self.here.rule, Certificate(self.text("skill"), issued, ends, "", self.text("number")),
                                     self.here.today, for_life=for_life)
        except InvalidInput as error:
            column = {"skill": "skill", "expiry": "expires_on", "certificate number": "number"}.get(
                str(error.facts.get("field")), "issued_on")
            self.add(column, f"{error.message_zh}{error.remedy_zh}", f"{error.message} {error.remedy}")
            return
        self.record |= {"skill": proof.skill, "issued_on": proof.issued_on.isoformat(), "number": proof.number,
                        "expires_on": proof.expires_on.isoformat() if proof.expires_on else None}

    def _day(self, name: str) -> date | None:
        if name == "expires_on" and self.text(name).casefold() in FOR_LIFE:
            return None
        try:
            return to_day(self.given.get(name))
        except ValueError:
            value = self.text(name)[:30]
            self.add(name, f"{value!r} 不是日期（如 2026-11-24）", f"{value!r} is not a date like 2026-11-24")
            return None

    def compare(self, people: dict[str, dict[str, Any]], proofs: dict[tuple[Any, ...], int]) -> None:
        """Hold the row against those above it and against the rosters: one person, one team."""
        phone, team = self.record.get("phone"), self.record.get("team")
        if not phone or not team:
            return
        first = people.setdefault(phone, self.record)
        there = self.here.phones.get(phone)
        if there and there[0] != team:
            self.add("team", f"该电话的人员已在 {there[0]}，请先由该队办理调队或离队",
                     f"the person with this telephone is in {there[0]} already; that team has to move them first")
        elif there and there[1] != self.record.get("name"):
            self.add("name", "该电话已登记在本队另一姓名下，请先在队伍页面更正",
                     "this telephone is under another name in the team; correct that on the team's page first")
        if first is not self.record:
            self._repeat(first)
        key = (phone, self.record.get("skill"), self.record.get("issued_on"))
        if key in proofs:
            self.add("skill", f"与第 {proofs[key]} 行重复", f"repeats row {proofs[key]}")
        proofs.setdefault(key, self.number)

    def _repeat(self, first: Mapping[str, Any]) -> None:
        for name in OF_PERSON:
            if name in ("roles", "languages") and not self.record.get(name):
                self.record[name] = first.get(name)
            if self.record.get(name) == first.get(name):
                continue
            if name == "team":
                self.add("team", f"同一电话在第 {first['row']} 行属于 {first['team']}：一人只能在一支队伍",
                         f"the same telephone is in {first['team']} in row {first['row']}: nobody is in two teams")
            else:
                self.add(name, f"与第 {first['row']} 行同一人的内容不一致", f"differs from row {first['row']} of the same person")


def roster_columns() -> tuple[tuple[str, str, str], ...]:
    """The headings of an export, which reads back in."""
    return tuple((name, names[0], TAGS.get(name, f"#meta+{name}")) for name, names in COLUMNS.items())


def roster_rows(rosters: Iterable[Roster], rule: TeamRule, show: Callable[[Roster, Member], Member]) -> list[dict[str, Any]]:
    """One row per active or paused member and certificate; ``show`` masks what may not be seen."""
    rows: list[dict[str, Any]] = []
    for roster in rosters:
        for member in (show(roster, m) for m in roster.members if m.status in (MemberStatus.ACTIVE, MemberStatus.PAUSED)):
            person = {
                "team": roster.team.code, "name": member.name, "kind": KINDS[member.kind.value][0], "phone": member.phone,
                "roles": "、".join(rule.roles[r][0] for r in member.roles if r in rule.roles),
                "languages": "、".join(LANGUAGES[x][0] for x in member.languages if x in LANGUAGES),
            }
            rows += [{**person, **_proof(c, rule)} for c in member.certificates] or [person]
    return rows


def _proof(proof: Certificate, rule: TeamRule) -> dict[str, Any]:
    name = rule.skills.get(proof.skill, (proof.skill, proof.skill))[0]
    return {"skill": name, "issued_on": proof.issued_on.isoformat(), "number": proof.number,
            "expires_on": proof.expires_on.isoformat() if proof.expires_on else FOR_LIFE[0]}
