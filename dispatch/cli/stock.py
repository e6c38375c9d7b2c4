"""``dispatch stock show|release|verify``."""

from __future__ import annotations

import sys

import click

from dispatch.cli.output import print_json
from dispatch.clock import SystemClock
from dispatch.config import Settings
from dispatch.db import make_engine, reading, transaction
from dispatch.inventory.proof import find_differences
from dispatch.inventory.queries import stock_rows
from dispatch.inventory.service import release_expired


@click.group()
def stock() -> None:
    """Stock of the warehouses."""


@stock.command()
@click.option("--warehouse", help="warehouse code, for example WH-150500")
@click.option("--item", help="item code, for example QUILT")
@click.option("--json", "as_json", is_flag=True)
def show(warehouse: str | None, item: str | None, as_json: bool) -> None:
    """What is on hand, reserved and available, lot by lot."""
    with reading(make_engine(Settings.from_env().database_url)) as session:
        rows = stock_rows(session, warehouse, item)
    if as_json:
        print_json({"stock": rows})
        return
    for row in rows:
        click.echo(f"{row['warehouse']}  {row['item_zh']}  {row['lot']}  在库 {row['on_hand']:,} "
                   f"预留 {row['reserved']:,} 可用 {row['available']:,}"
                   + ("  演示" if row["is_demo"] else ""))


@stock.command()
@click.option("--json", "as_json", is_flag=True)
def release(as_json: bool) -> None:
    """Give back goods promised longer ago than the stock rule allows."""
    with transaction(make_engine(Settings.from_env().database_url)) as session:
        owners = release_expired(session, SystemClock().now())
    if as_json:
        print_json({"released": owners})
    else:
        click.echo(", ".join(owners) or "nothing to release")


@stock.command()
@click.option("--json", "as_json", is_flag=True)
def verify(as_json: bool) -> None:
    """Re-sum every movement; exit 3 when a balance differs."""
    with reading(make_engine(Settings.from_env().database_url)) as session:
        result = find_differences(session)
    if as_json:
        print_json(result)
    else:
        click.echo(f"{result['movements']} movements, {len(result['discrepancies'])} differences")
    if result["discrepancies"]:
        sys.exit(3)
