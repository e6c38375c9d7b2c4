#!/usr/bin/env python3
"""Everything from nothing: `./go run`, `./go test`, `./go bench NAME`, `./go screenshots`, `./go help`.

Needs only Python 3.11 or newer.  The environment is `.venv/`; it is rebuilt when
the lock, the project file or the Python version changed since the last time.
"""

import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
VALHALLA_LOCK = ROOT / "requirements-valhalla.lock"
STAMP = VENV / "go-stamp"
HELP = """./go run          set up what is missing, fill the database, serve http://127.0.0.1:8000
./go test [ARGS]  set up what is missing, run the tests (arguments go to pytest), one worker a core;
                  named files or folders run in one process
./go bench NAME   run one benchmark (without a name: list them)
./go screenshots  pictures of every page into screenshots/ (words: only pages whose name has one of them)
./go setup        only set up
./go help         this text
"""


def stop(message):
    sys.exit(f"go: {message}")


def call(*command, **options):
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=True, **options)


def fingerprint():
    digest = hashlib.sha256(sys.version.encode())
    for name in ("requirements.lock", VALHALLA_LOCK.name, "pyproject.toml", "maps/build_assets.py", "maps/build_fonts.py",
                 "maps/build_mongolian.py"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def make_environment():
    probe = subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True)
    if probe.returncode:
        stop("this Python has no venv module. On Debian: apt-get install python3-venv")
    print("go: making the environment in .venv …", flush=True)
    call(sys.executable, "-m", "venv", "--clear", VENV)


def install():
    print("go: installing the locked packages …", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    locked = ("--require-hashes", "-r", LOCK)
    try:
        call(PYTHON, "-m", "pip", "install", "-q", "uv", **quiet)
        call(PYTHON, "-m", "uv", "pip", "install", "-q", "--compile-bytecode", "--python", PYTHON, *locked, **quiet)
    except subprocess.CalledProcessError:
        call(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", *locked)
    call(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check",
         "--no-deps", "--no-build-isolation", "-e", ROOT)


def install_valhalla():
    """The native programs of imported roads; they need no Python of their own version.

    Where there are none for the platform everything else works, on the road facts.
    """
    machine = platform.machine()
    if sys.platform != "linux" or machine not in ("x86_64", "aarch64"):
        print(f"go: no Valhalla programs for {sys.platform} {machine}; the road facts are used", flush=True)
        return
    print("go: fetching the Valhalla programs …", flush=True)
    try:
        call(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:",
             "--require-hashes", "--python-version", "3.12", "--platform", f"manylinux_2_28_{machine}",
             "--target", VENV / "valhalla", "--no-compile", "-r", VALHALLA_LOCK)
    except subprocess.CalledProcessError:
        print("go: the Valhalla programs could not be fetched; the road facts are used", flush=True)


def set_up():
    mark = fingerprint()
    if STAMP.exists() and STAMP.read_text() == mark:
        return
    make_environment()
    install()
    install_valhalla()
    call(PYTHON, "-m", "maps.build_assets")
    call(PYTHON, "-m", "maps.build_mongolian")
    print("go: compiling the route search …", flush=True)
    call(PYTHON, "-m", "dispatch.routing.search.compile")
    STAMP.write_text(mark)


def run(arguments):
    set_up()
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), str(VENV / "bin" / "dispatch"), "serve", "--demo", *arguments])


def test(arguments):
    set_up()
    os.chdir(ROOT)
    is_part = any(Path(argument.partition("::")[0]).exists() for argument in arguments)
    spread = [] if is_part else ["-n", "auto", "--maxprocesses", "8", "--dist", "worksteal"]
    os.execv(PYTHON, [str(PYTHON), "-m", "pytest", *spread, *arguments])


def bench(arguments):
    set_up()
    os.chdir(ROOT)
    if not arguments:
        print("\n".join(sorted(p.stem for p in Path("benchmarks").glob("[a-z]*.py"))))
        return
    os.execv(PYTHON, [str(PYTHON), "-m", f"benchmarks.{arguments[0]}", *arguments[1:]])


def screenshots(arguments):
    set_up()
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "tests.screenshots", *arguments])


def main():
    if sys.version_info < (3, 11):
        stop(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    name, arguments = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("help", [])
    actions = {"run": run, "test": test, "bench": bench, "screenshots": screenshots, "setup": lambda _: set_up()}
    if name not in actions:
        print(HELP)
        sys.exit(0 if name in ("help", "-h", "--help") else 2)
    try:
        actions[name](arguments)
    except subprocess.CalledProcessError as error:
        stop(f"this step failed with code {error.returncode}: {' '.join(map(str, error.cmd))}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
