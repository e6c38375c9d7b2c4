"""Blizzards over the region on the product's own data: counties, warehouses, fleets, roads.

The stock is the demo's (``scarce``) or six times as much (``ample``); every county concerned
is under a red warning with its winter speeds, and three roads there are closed.
"""

from __future__ import annotations

import pickle
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

from benchmarks.respond import START, document
from dispatch.alerts.model import RoadNotice
from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.flow.decide import prepare
from dispatch.flow.gather import gather
from dispatch.flow.model import Inputs, Way
from dispatch.flow.respond import ingest
from dispatch.geography.store import list_counties
from dispatch.reference.setup import initialise
from dispatch.routing.problem import RoutingParams, RoutingProblem

STOCK = {"scarce": 1, "ample": 6}
FIRST = "150522"
# counties by which the area moves on with each seed
STRIDE = 17
CLOSED = 3


def make_inputs(counties: int, stock: str, seed: int) -> Inputs:
    """What the decision rests on, for a stretch of so many counties that begins elsewhere with
    each seed."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(f"sqlite:///{folder}/bench.sqlite")
        engine = make_engine(settings.database_url)
        initialise(engine, settings, demo=True)
        with reading(engine) as session:
            codes = [county.adcode for county in list_counties(session)]
        begins = (codes.index(FIRST) + STRIDE * (seed - 1)) % len(codes)
        chosen = (codes * 2)[begins : begins + counties]
        at = START + timedelta(minutes=1)
        way = Way("bench", FixedClock(at), settings, waits=False)
        (answer,) = ingest(engine, [("bench", document(1, START, chosen))], way)
        with reading(engine) as session:
            inputs = gather(session, answer["situation"], at)
        engine.dispose()
    lines = tuple(replace(line, on_hand=line.on_hand * STOCK[stock]) for line in inputs.stock.lines)
    chance = Random(seed)
    edges = [e for e in inputs.edges if {e.from_adcode, e.to_adcode} <= set(chosen)]
    shut = chance.sample(edges, min(CLOSED, len(edges) // 4))
    roads = tuple(
        RoadNotice(e.refs.split()[0], (e.from_adcode, e.to_adcode), 0.0) for e in shut if e.refs
    )
    return replace(
        inputs,
        stock=replace(inputs.stock, lines=lines),
        situation=replace(inputs.situation, roads=roads),
    )


def load_inputs(folder: Path, counties: int, stock: str, seed: int) -> Inputs:
    """The instance, made once and kept in the folder."""
    path = folder / f"{counties}-{stock}-{seed}.inputs"
    if not path.exists():
        path.write_bytes(pickle.dumps(make_inputs(counties, stock, seed)))
    inputs: Inputs = pickle.loads(path.read_bytes())
    return inputs


def load_shipments(folder: Path, counties: int, stock: str, seed: int) -> RoutingProblem:
    """The shipments of our allocation with fixed sources, the same for every solver."""
    path = folder / f"{counties}-{stock}-{seed}.shipments"
    if not path.exists():
        asked = prepare(
            load_inputs(folder, counties, stock, seed), RoutingParams(1.0)
        ).routing_problem
        path.write_bytes(pickle.dumps(replace(asked, sources={}, spare={})))
    problem: RoutingProblem = pickle.loads(path.read_bytes())
    return problem
