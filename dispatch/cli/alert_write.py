"""``dispatch alert write``."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from dispatch.alerts.author import Exercise, Issuer, Reference
from dispatch.alerts.author import write as write_cap
from dispatch.alerts.hazards import load_words
from dispatch.alerts.identifiers import NATIONAL, canonical_identifier
from dispatch.alerts.model import Colour
from dispatch.alerts.parameters import read_parameters
from dispatch.alerts.schema import STATUSES
from dispatch.alerts.store import find_alert
from dispatch.alerts.values import read_time
from dispatch.cli.output import print_json
from dispatch.clock import SystemClock
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.errors import InvalidInput, NotFound
from dispatch.geography.store import list_names

COLOURS = (*(colour.value for colour in Colour), "none")


@click.command()
@click.option("--hazard", required=True, type=click.Choice(sorted(load_words().hazards)))
@click.option("--colour", required=True, type=click.Choice(COLOURS))
@click.option("--county", "counties", multiple=True, required=True, help="adcode of a county or league; again, or with commas")
@click.option("--headline", required=True)
@click.option("--headline-en", default="", help="made from hazard and colour when left away")
@click.option("--description", default="")
@click.option("--instruction", default="")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE",
              help="loss.NAME, hazard.NAME, road, temperature_c, government.level, report.kind, report.correction")
@click.option("--update", default="", metavar="ID", help="identifier of the message this one updates")
@click.option("--cancel", default="", metavar="ID", help="identifier of the message this one cancels")
@click.option("--hours", default=24, show_default=True, type=click.IntRange(1, 720), help="how long it holds")
@click.option("--at", default="", help="time of sending, for example 2026-01-10T08:00:00+08:00 (now)")
@click.option("--serial", default=0, show_default=True, type=click.IntRange(0, 9), help="tells messages of one second apart")
@click.option("--place", default="", help="adcode of the issuer (the first county's league)")
@click.option("--agency", default="000", show_default=True, help="three-digit agency code, 416 = weather service")
@click.option("--sender", default="drill@dispatch.invalid", show_default=True)
@click.option("--status", default="Exercise", show_default=True, type=click.Choice(STATUSES))
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def write(output: Path, as_json: bool, **given: Any) -> None:
    """Write a warning as CAP 1.2; an exercise unless --status says otherwise."""
    at = read_time("--at", given["at"]) if given["at"] else SystemClock().now()
    codes = tuple(dict.fromkeys(
        code for text in given["counties"] for code in text.replace(",", " ").split()
    ))
    with reading(make_engine(Settings.from_env().database_url)) as session:
        exercise = _exercise(session, codes, at, given)
    document = write_cap(exercise)
    try:
        output.write_bytes(document)
    except OSError as error:
        raise InvalidInput(
            f"{output} cannot be written: {error.strerror}.", remedy="Give another place with -o.",
            zh=f"无法写入 {output}：{error.strerror}。", remedy_zh="请用 -o 指定其他位置。",
        ) from error
    if as_json:
        print_json({"identifier": exercise.identifier, "file": str(output), "status": exercise.status})
        return
    click.echo(f"{output}: {exercise.status} {exercise.identifier}")


def _exercise(session: Session, codes: tuple[str, ...], at: datetime, given: dict[str, Any]) -> Exercise:
    zh, en = _area_names(codes, list_names(session))
    referred = given["update"] or given["cancel"]
    if given["update"] and given["cancel"]:
        raise InvalidInput("A message updates or cancels, not both.", remedy="Give --update or --cancel.",
                           zh="一条消息只能更新或解除之一。", remedy_zh="请只填 --update 或 --cancel。")
    colour = None if given["colour"] == "none" else Colour(given["colour"])
    return Exercise(
        issuer=Issuer(given["place"] or codes[0][:4] + "00", given["agency"], given["sender"]),
        sent=at, hazard=given["hazard"], colour=colour, headline=given["headline"].strip(),
        counties=codes, serial=given["serial"], status=given["status"],
        msg_type="Update" if given["update"] else "Cancel" if given["cancel"] else "Alert",
        references=(_reference(session, referred, given["sender"]),) if referred else (),
        headline_en=given["headline_en"].strip(), description=given["description"].strip(),
        instruction=given["instruction"].strip(), effective=at, expires=at + timedelta(hours=given["hours"]),
        area_names=(zh, en), carried=read_parameters(_pairs(given["parameters"]), "--parameter"),
    )


def _area_names(codes: tuple[str, ...], names: dict[str, tuple[str, str]]) -> tuple[str, str]:
    unknown = [code for code in codes if code not in names]
    if unknown or not codes:
        listed = ", ".join(unknown)
        raise NotFound(f"There is no place {listed}.", remedy="Give six-digit adcodes of counties or leagues.",
                       zh=f"没有区划代码 {listed}。", remedy_zh="请填写旗县或盟市的六位区划代码。")
    return "、".join(names[code][0] for code in codes), ", ".join(names[code][1] for code in codes)


def _pairs(texts: tuple[str, ...]) -> list[tuple[str, str]]:
    split = [text.partition("=") for text in texts]
    return [(name.strip(), value.strip()) for name, _, value in split]


def _reference(session: Session, written: str, sender: str) -> Reference:
    """As the message kept says; for one not kept, its time is in the national identifier."""
    identifier = canonical_identifier(written)
    kept = find_alert(session, identifier)
    if kept is not None:
        return Reference(kept.sender, kept.identifier, kept.sent)
    national = NATIONAL.fullmatch(identifier)
    if national is None:
        raise NotFound(
            f"There is no message {written}.", remedy="Take it in first, or give its national identifier.",
            zh=f"没有预警 {written}。", remedy_zh="请先接收该预警，或填写其国家格式标识。",
        )
    return Reference(sender, identifier, read_time("identifier", national[1].partition("_")[2]))
