"""The house rules a machine can check."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*ROOT.glob("dispatch/**/*.py"), *ROOT.glob("maps/**/*.py")])


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def run(*command: str) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_import_contracts_are_kept() -> None:
    run("lint-imports", "--no-cache")


def test_ruff_is_clean() -> None:
    run("ruff", "check", "--no-cache", ".")


def test_types_are_clean() -> None:
    run("mypy")


def test_one_place_commits() -> None:
    places = [p for p in SOURCES if ".commit(" in p.read_text("utf-8")]
    assert [p.relative_to(ROOT).as_posix() for p in places] == ["dispatch/db.py"]


def test_ortools_only_behind_the_solvers() -> None:
    users = {p.relative_to(ROOT).as_posix() for p in SOURCES if "ortools" in imports(p)}
    solvers = {f"dispatch/{name}/solver.py" for name in ("allocation", "teams")}
    assert users == {*solvers, *(f"dispatch/routing/search/{name}.py" for name in ("library", "master"))}


def test_the_workflow_engine_only_in_its_module() -> None:
    users = [p.relative_to(ROOT).as_posix() for p in SOURCES if "dbos" in imports(p)]
    assert users == ["dispatch/flow/durable.py"]


def test_folium_only_in_maps_and_flask_only_at_the_door() -> None:
    for path in SOURCES:
        name = path.relative_to(ROOT).as_posix()
        used = imports(path)
        assert "folium" not in used or name.startswith("maps/"), name
        is_door = name.startswith("dispatch/web/") or name == "dispatch/app.py"
        assert "flask" not in used or is_door, name


def test_no_imports_inside_functions_and_no_utils() -> None:
    for path in SOURCES:
        assert path.name != "utils.py"
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                inner = [n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
                assert not inner, path
