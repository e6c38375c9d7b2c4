"""What people write about members, certificates and vehicles → clean values, or a clear fault.  Pure."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date

from dispatch.errors import InvalidInput
from dispatch.teams.model import Certificate, MemberKind
from dispatch.teams.rules import Name, TeamRule

LANGUAGES: Mapping[str, Name] = {
    "zh": ("汉语", "Chinese"), "mn": ("蒙古语", "Mongolian"), "en": ("英语", "English"), "ru": ("俄语", "Russian"),
    "ko": ("朝鲜语", "Korean"), "ja": ("日语", "Japanese"), "evn": ("鄂温克语", "Evenki"), "dta": ("达斡尔语", "Daur"),
    "orh": ("鄂伦春语", "Oroqen"), "kk": ("哈萨克语", "Kazakh"),
}
"""ISO 639 codes of the languages asked for."""
KINDS: Mapping[str, Name] = {
    MemberKind.STAFF.value: ("专职", "staff"), MemberKind.VOLUNTEER.value: ("志愿者", "volunteer"),
}
MOST_NAME = 60
_MOBILE = re.compile(r"1[0-9]{10}")
_LANDLINE = re.compile(r"(010|02[0-9]|0[3-9][0-9]{2})([2-9][0-9]{6,7})")
_PLATE = re.compile(r"[一-鿿][A-Z][A-Z0-9一-鿿]{4,6}")
_SPLIT = re.compile(r"[\s,，、;；/]+")


def clean_text(text: str, most: int, what: Name) -> str:
    """One line of at most so many signs; ``InvalidInput`` else."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    if len(plain) > most or not all(c.isprintable() for c in plain):
        raise wrong(what, plain[:20], (f"不超过 {most} 字的一行文字", f"one line of at most {most} characters"))
    return plain


def clean_name(text: str) -> str:
    """A person's name."""
    plain = clean_text(text, MOST_NAME, ("姓名", "name"))
    if not any(c.isalpha() for c in plain) or "*" in plain:
        raise wrong(("姓名", "name"), plain, ("完整姓名（不能是脱敏后的）", "a whole name, not a masked one"))
    return plain


def clean_phone(text: object) -> str:
    """A Chinese mobile as 11 digits or a landline as 0471-6912345; +86 and separators are dropped."""
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    plain = unicodedata.normalize("NFKC", str(text or ""))
    digits = re.sub(r"[\s\-‐-―()·.]", "", plain)
    for prefix in ("+86", "0086", "86"):
        if digits.startswith(prefix) and len(digits) >= len(prefix) + 10:
            digits = digits[len(prefix):]
            # abroad the landline's own zero is left out
            digits = digits if digits[:1] in ("0", "1") and len(digits) >= 11 else "0" + digits
            break
    if _MOBILE.fullmatch(digits):
        return digits
    landline = _LANDLINE.fullmatch(digits)
    if landline is None:
        raise wrong(("电话", "telephone"), str(text or ""), (
            "11 位手机号，或带区号的座机（如 0471-6912345），不能是脱敏后的号码",
            "a mobile of 11 digits or a landline with its area code such as 0471-6912345, not a masked one"))
    return f"{landline.group(1)}-{landline.group(2)}"


def clean_kind(text: str) -> str:
    """``staff`` or ``volunteer``, from the code or either name."""
    return one_of(text, KINDS, ("类别", "kind"))


def clean_codes(given: Iterable[str] | str, known: Mapping[str, Name], what: Name) -> tuple[str, ...]:
    """Codes of a table from codes or names in either language, in the table's order, each once."""
    parts = _SPLIT.split(given) if isinstance(given, str) else list(given)
    found = {one_of(part, known, what) for part in parts if part.strip()}
    return tuple(code for code in known if code in found)


def one_of(text: str, known: Mapping[str, Name], what: Name) -> str:
    """A code of a table from the code or either of its names."""
    plain = text.strip()
    if plain in known:
        return plain
    for code, names in known.items():
        if plain.casefold() in (code.casefold(), *(n.casefold() for n in names)):
            return code
    raise wrong(what, plain[:40], ("、".join(zh for zh, _ in known.values()), ", ".join(known)))


def make_certificate(rule: TeamRule, given: Certificate, today: date, *, for_life: bool = False) -> Certificate:
    """A certificate fit to be kept: a skill the rule knows, not issued after today, ended by the rule
    where no end is given."""
    skill = one_of(given.skill, rule.skills, ("技能", "skill"))
    if given.issued_on > today:
        raise wrong(("发证日期", "date of issue"), str(given.issued_on), ("不晚于今天的日期", "a day not after today"))
    ends = given.expires_on
    if ends is None and rule.valid_months[skill] and not for_life:
        ends = months_after(given.issued_on, rule.valid_months[skill])
    if ends is not None and ends < given.issued_on:
        raise wrong(("有效期至", "expiry"), str(ends), (f"不早于发证日期 {given.issued_on} 的日期",
                                                     f"a day not before the issue on {given.issued_on}"))
    return Certificate(skill, given.issued_on, ends, clean_text(given.issuer, 120, ("发证单位", "issuer")),
                       clean_text(given.number, 60, ("证书编号", "certificate number")))


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def clean_plate(text: str) -> str:
    """A number plate without spaces and dots, such as 蒙A12345."""
    plain = re.sub(r"[\s·.\-]", "", unicodedata.normalize("NFKC", text)).upper()
    if not _PLATE.fullmatch(plain):
        raise wrong(("车牌", "number plate"), plain[:20], ("如 蒙A12345 的车牌", "a plate such as 蒙A12345"))
    return plain


def not_after(day: date, today: date, what: Name) -> date:
    """The day, unless it is still to come."""
    if day > today:
        raise wrong(what, str(day), ("不晚于今天的日期", "a day not after today"))
    return day


def wrong(what: Name, value: str, wanted: Name) -> InvalidInput:
    """The error for a field: which, what stood there, what should."""
    return InvalidInput(
        f"The {what[1]} {value!r} is not usable.", remedy=f"Give {wanted[1]}.",
        zh=f"{what[0]} {value!r} 无法使用。", remedy_zh=f"请填写：{wanted[0]}。", facts={"field": what[1]},
    )
