"""A storm of warnings through HTTP: none lost or doubled, the same levels in any order.

`python -m benchmarks.alerts [--alerts 10000] [--clients 8] [--database URL] [--json FILE]`
Two servers on two fresh databases take the same messages in two orders of arrival (each
message's own chain stays in order); every twentieth message is sent twice.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, select

from dispatch.accounts.store import DEMO_PASSWORD, save_demo_accounts
from dispatch.alerts.situations import list_rows, load
from dispatch.alerts.tables import AlertDocumentRow, SituationMemberRow
from dispatch.alerts.timeline import describe
from dispatch.clock import to_local
from dispatch.config import PROJECT_ROOT, Settings
from dispatch.db import make_engine, reading, transaction
from dispatch.flow.gather import judge, read_ground
from dispatch.geography.store import list_counties
from dispatch.reference.setup import initialise

HAZARDS = ("暴雪", "寒潮", "暴雨", "沙尘暴", "干旱", "高温", "冰雹", "大雾", "雷电", "霜冻")
COLOURS = (("蓝色", "Minor"), ("黄色", "Moderate"), ("橙色", "Severe"), ("红色", "Extreme"))
TEMPLATE = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier}</identifier>
<sender>storm@example.invalid</sender><sent>{sent}</sent><status>Actual</status>
<msgType>{kind}</msgType><scope>Public</scope>{references}
<info><language>zh-CN</language><category>Met</category><event>{hazard}</event>
<urgency>Expected</urgency><severity>{severity}</severity><certainty>Likely</certainty>
<expires>{expires}</expires><headline>{hazard}{colour}预警</headline>{losses}
<area><areaDesc>区域</areaDesc>{codes}</area></info></alert>"""
PAIR = "<parameter><valueName>{}</valueName><value>{}</value></parameter>"
CODE = "<geocode><valueName>adcode</valueName><value>{}</value></geocode>"
REPEATED = 20


def chains(count: int, counties: Sequence[str], seed: int) -> list[list[bytes]]:
    """Chains of Alert, Updates and sometimes a Cancel, ``count`` messages in all."""
    rng, now = random.Random(seed), datetime.now(UTC)
    made: list[list[bytes]] = []
    number = 0
    while number < count:
        length = min(rng.randint(1, 5), count - number)
        hazard = rng.choice(HAZARDS)
        codes = rng.sample(counties, rng.randint(1, 3))
        sent = now - timedelta(hours=rng.uniform(8, 60))
        chain: list[bytes] = []
        earlier = ""
        for step in range(length):
            number += 1
            issuer = f"150000416{number % 1000:03d}{number // 1000:02d}"
            identifier = f"{issuer}_{to_local(sent):%Y%m%d%H%M%S}_0"
            kind = (
                "Alert"
                if step == 0
                else "Cancel"
                if step == length - 1 and rng.random() < 0.2
                else "Update"
            )
            chain.append(
                _document(rng, (identifier, kind, earlier), (hazard, codes), (sent, now))
            )
            when = to_local(sent).isoformat(timespec="seconds")
            earlier = f"storm@example.invalid,{identifier},{when}"
            sent += timedelta(minutes=rng.randint(5, 90))
        made.append(chain)
    return made


def _document(
    rng: random.Random,
    head: tuple[str, str, str],
    what: tuple[str, list[str]],
    when: tuple[datetime, datetime],
) -> bytes:
    (identifier, kind, earlier), (hazard, codes), (sent, now) = head, what, when
    colour, severity = rng.choice(COLOURS)
    losses = ""
    if rng.random() < 0.1:
        losses = PAIR.format("loss.relocated", rng.randint(0, 400)) + PAIR.format(
            "report.correction", "true"
        )
    return TEMPLATE.format(
        identifier=identifier,
        sent=to_local(sent).isoformat(timespec="seconds"),
        kind=kind,
        hazard=hazard,
        references=f"<references>{earlier}</references>" if earlier else "",
        severity=severity,
        colour=colour,
        expires=to_local(now + timedelta(hours=24)).isoformat(timespec="seconds"),
        losses=losses,
        codes="".join(CODE.format(code) for code in codes),
    ).encode()


class Server:
    """The product's own server on a database, stopped by its pid."""

    def __init__(self, url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = {**os.environ, "DISPATCH_DATABASE_URL": url}
        self.process = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "dispatch"),
                "serve",
                "--no-worker",
                "--port",
                str(self.port),
            ],
            env=environment,
            cwd=PROJECT_ROOT,
            stdout=subprocess.DEVNULL,
        )
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server did not start")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


def send(
    port: int, work: Sequence[Sequence[bytes]], clients: int
) -> tuple[list[float], dict[str, int]]:
    """Post chains from several clients; seconds per message and how often each status came back."""
    seconds: list[float] = []
    statuses: dict[str, int] = {}
    queue = iter(work)
    lock = threading.Lock()
    token = base64.b64encode(f"duty:{DEMO_PASSWORD}".encode()).decode()

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                chain = next(queue, None)
            if chain is None:
                connection.close()
                return
            for document in chain:
                for _ in range(2 if zlib.crc32(document) % REPEATED == 0 else 1):
                    started = time.perf_counter()
                    connection.request(
                        "POST", "/api/alerts", document, {"Authorization": f"Basic {token}"}
                    )
                    answer = connection.getresponse()
                    body = json.loads(answer.read())
                    spent = time.perf_counter() - started
                    status = (
                        body["alerts"][0]["status"]
                        if "alerts" in body
                        else f"http {answer.status}"
                    )
                    with lock:
                        seconds.append(spent)
                        statuses[status] = statuses.get(status, 0) + 1

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds, statuses


def answers(engine: Engine, at: datetime) -> Iterator[tuple[frozenset[str], tuple[object, ...]]]:
    """Per situation: the messages in it, and what the engine says of it at a moment."""
    with reading(engine) as session:
        ground = read_ground(session)
        for row in list_rows(session):
            material = load(session, row.code)
            situation = describe(row.code, material, at, ground.names)
            answer, _, _ = judge(session, situation, ground)
            met = tuple(sorted((c.name, c.place, c.level) for c in answer.criteria if c.met))
            yield (
                frozenset(a.identifier for a in material.alerts),
                (answer.level, answer.stage, met),
            )


def run(
    url: str, work: list[list[bytes]], arguments: argparse.Namespace, seed: int
) -> dict[str, object]:
    """One server, one order of arrival."""
    engine = make_engine(url)
    initialise(engine, Settings(url), demo=False)
    with transaction(engine) as session:
        save_demo_accounts(session)
    order = work.copy()
    random.Random(seed).shuffle(order)
    server = Server(url)
    started = time.perf_counter()
    try:
        seconds, statuses = send(server.port, order, arguments.clients)
    finally:
        server.stop()
    wall = time.perf_counter() - started
    messages = sum(len(chain) for chain in work)
    with reading(engine) as session:
        kept = session.scalar(
            select(func.count())
            .select_from(AlertDocumentRow)
            .where(AlertDocumentRow.status == "accepted")
        )
        filed = session.scalar(select(func.count(func.distinct(SituationMemberRow.document))))
    ordered = sorted(seconds)
    return {
        "messages": messages,
        "sent": len(seconds),
        "statuses": statuses,
        "accepted": kept,
        "filed": filed,
        "lost": messages - (kept or 0),
        "doubled": (kept or 0) - messages if (kept or 0) > messages else 0,
        "per_second": round(len(seconds) / wall, 1),
        "p50_ms": round(1000 * statistics.median(seconds), 1),
        "p95_ms": round(1000 * ordered[int(0.95 * len(ordered))], 1),
        "max_ms": round(1000 * ordered[-1], 1),
        "engine": engine,
    }


def main() -> None:
    """Run both orders and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--database", action="append", default=[], help="an empty database; give two"
    )
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="alerts-"))
    urls = arguments.database or [f"sqlite:///{folder}/{n}.sqlite" for n in (1, 2)]
    first = make_engine(f"sqlite:///{folder}/places.sqlite")
    initialise(first, Settings(str(first.url)), demo=False)
    with reading(first) as session:
        counties = [c.adcode for c in list_counties(session)]
    work = chains(arguments.alerts, counties, arguments.seed)
    runs = [run(url, work, arguments, seed) for seed, url in enumerate(urls, 1)]
    at = datetime.now(UTC)
    found = [dict(answers(made.pop("engine"), at)) for made in runs]  # type: ignore[arg-type]
    same = sum(found[0].get(key) == value for key, value in found[-1].items())
    report = {
        "runs": runs,
        "situations": len(found[-1]),
        "same_in_both_orders": same,
        "different": len({*found[0], *found[-1]}) - same,
    }
    print(json.dumps(report, ensure_ascii=False, indent=1))
    if arguments.json:
        arguments.json.write_text(
            json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8"
        )


if __name__ == "__main__":
    main()
