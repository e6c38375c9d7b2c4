"""Valhalla's native programs: where they are, their settings, the service as a child process."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from dispatch.errors import Unavailable

DEFAULT_FOLDER = Path(sys.prefix) / "valhalla"
START_S = 20.0
ASK_S = 120.0
# 103 seats ask 10,609 pairs across 2,000 km; closures cover leagues.  The programs' own limits are for
# a public service: 2,500 pairs, 400 km, 10 km of outline.
LIMITS = {"max_distance": 1e8, "max_locations": 500, "max_matrix_distance": 1e8, "max_matrix_location_pairs": 250_000}
CLOSURE_LIMITS = {
    "max_exclude_locations": 1000, "max_exclude_polygons_length": 5e7, "max_exclude_polygons_vertices": 20_000,
}
# the service ends with whoever started it, even when that one is killed: its pipe closes then
GUARD = """exec 3<&0; "$0" "$@" & child=$!
{ read -r _ <&3; kill -9 $child; } 2>/dev/null & guard=$!
exec 3<&-; wait $child; status=$?; kill $guard 2>/dev/null; exit $status"""


@dataclass(frozen=True)
class Programs:
    """The programs as `./go setup` unpacks them; they are absent on platforms there are none for."""

    folder: Path = DEFAULT_FOLDER

    @property
    def build_tiles(self) -> Path:
        return self.folder / "valhalla" / "bin" / "valhalla_build_tiles"

    @property
    def serve(self) -> Path:
        return self.folder / "valhalla" / "bin" / "valhalla_service"

    def version(self) -> str:
        """What the programs say of themselves, for example 3.9.1.

        Raises ``Unavailable`` where they are not installed or do not run here.
        """
        try:
            done = subprocess.run([str(self.build_tiles), "--version"], capture_output=True, text=True, timeout=30, check=True)
        except FileNotFoundError as error:
            raise _no_programs(f"they are not in {self.folder}", f"{self.folder} 中没有") from error
        except (OSError, subprocess.SubprocessError) as error:
            raise _no_programs(f"they do not run here ({error})", f"无法在本机运行（{error}）") from error
        return done.stdout.split()[-1]

    def settings(self, tiles: Path, snap_m: int) -> dict[str, Any]:
        """The programs' own default settings, with our tiles and limits."""
        script = self.folder / "valhalla" / "valhalla_build_config.py"
        command = [sys.executable, "-I", str(script), "--mjolnir-tile-dir", str(tiles)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise _no_programs(f"their settings cannot be made ({error})", f"无法生成配置（{error}）") from error
        settings: dict[str, Any] = json.loads(done.stdout)
        for name in ("tile_extract", "traffic_extract", "admin", "timezone", "landmarks", "transit_dir", "transit_feeds_dir"):
            settings["mjolnir"].pop(name, None)
        settings["additional_data"].pop("elevation", None)
        settings["service_limits"]["truck"] = LIMITS
        settings["service_limits"].update(CLOSURE_LIMITS)
        # with it one unconnected place refuses the whole matrix instead of leaving its pairs out
        settings["loki"]["use_connectivity"] = False
        settings["loki"]["service_defaults"]["search_cutoff"] = snap_m
        settings["loki"]["service_defaults"]["minimum_reachability"] = 1
        return settings


def _no_programs(why: str, why_zh: str) -> Unavailable:
    return Unavailable(
        f"The Valhalla programs cannot be used: {why}.",
        remedy="Run ./go setup on 64-bit Linux (Intel or ARM); without them the road facts are used.",
        zh=f"Valhalla 程序不可用：{why_zh}。", remedy_zh="请在 64 位 Linux 上运行 ./go setup；没有该程序时使用道路表。",
    )


class ValhallaService:
    """The service on 127.0.0.1 with a port of its own, from ``start`` to ``stop``."""

    def __init__(self, programs: Programs, tiles: Path, snap_m: int) -> None:
        self.programs, self.tiles, self.snap_m = programs, tiles, snap_m
        self.port = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> ValhallaService:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until it answers; ``Unavailable`` with its last words when it does not."""
        self.programs.version()
        self._folder = tempfile.TemporaryDirectory(prefix="roads-")
        folder = Path(self._folder.name)
        settings = self.programs.settings(self.tiles, self.snap_m)
        self.port = _free_port()
        settings["httpd"]["service"].update(
            listen=f"tcp://127.0.0.1:{self.port}", loopback=f"ipc://{folder}/loopback", interrupt=f"ipc://{folder}/interrupt"
        )
        config, log = folder / "valhalla.json", folder / "log"
        config.write_text(json.dumps(settings), "utf-8")
        with log.open("wb") as output:
            self._child = subprocess.Popen(
                ["/bin/sh", "-c", GUARD, str(self.programs.serve), str(config), "1"],
                stdin=subprocess.PIPE, stdout=output, stderr=output,
            )
        ends = time.monotonic() + START_S
        while not self._answers():
            if self._child.poll() is not None or time.monotonic() > ends:
                words = last_words(log.read_text("utf-8", "replace"))
                self.stop()
                raise _silent(f"it did not start: {words}", f"未能启动：{words}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            status, _ = self._post("status", {}, timeout_s=2)
        except (OSError, http.client.HTTPException):
            return False
        return status == 200 and self._child is not None and self._child.poll() is None

    def ask(self, action: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """(HTTP status, answer) of one question; ``Unavailable`` when the service is gone."""
        if self._child is None:
            raise _silent("it was not started", "未启动")
        try:
            status, text = self._post(action, body, timeout_s=ASK_S)
            answer: dict[str, Any] = json.loads(text)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _silent(str(error) or type(error).__name__, str(error)) from error
        return status, answer

    def _post(self, action: str, body: dict[str, Any], timeout_s: float) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request("POST", f"/{action}", json.dumps(body))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def stop(self) -> None:
        """End the child; it only reads, so it is not asked to finish anything."""
        if self._child is not None:
            if self._child.stdin:
                self._child.stdin.close()
            self._child.wait()
            self._child = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def last_words(log: str) -> str:
    """What went wrong, by a program's log: the fault it names, else its last line."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    told = [line.removeprefix("what():").strip() for line in lines if line.startswith("what():")]
    return (told or lines or ["no words"])[-1][-200:]


def _silent(why: str, why_zh: str) -> Unavailable:
    return Unavailable(
        f"The road service does not answer: {why}.", remedy="Try again; `dispatch roads status` shows the tiles.",
        zh=f"路网服务无应答：{why_zh}。", remedy_zh="请重试；用 dispatch roads status 查看路网数据。",
    )
