"""What is deployed can be deployed: units, compose file and the server's own configuration."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from dispatch.cli import cli
from dispatch.config import PROJECT_ROOT

DEPLOY = PROJECT_ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SETTING = re.compile(r"DISPATCH_[A-Z_]+")


def commands() -> list[list[str]]:
    """Every call of our own command line in units and compose file."""
    found = [line.partition("bin/dispatch ")[2] for unit in UNITS for line in unit.read_text("utf-8").splitlines() if "bin/dispatch " in line]
    for service in compose()["services"].values():
        text = " ".join(service.get("command", ()))
        found += re.findall(r"dispatch ([a-z][^;]*)", text)
    return [re.split(r"[\s']+", text.strip(" '")) for text in found]


def compose() -> dict:  # type: ignore[type-arg]
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8")))


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_is_one_of_ours(words: list[str]) -> None:
    names = [word for word in words if re.fullmatch("[a-z]+", word)]
    assert CliRunner().invoke(cli, [*names, "--help"]).exit_code == 0


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_are_sound(unit: Path, tmp_path: Path) -> None:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(unit)
    if unit.suffix == ".service":
        service = parsed["Service"]
        assert service["User"] == "dispatch" and service["NoNewPrivileges"] == "yes" and service["ProtectSystem"] == "strict"
        assert service["EnvironmentFile"] == "/etc/dispatch.env", "secrets come from one file outside the code"
        assert service.get("Restart") == "always" or service["Type"] == "oneshot"
    if shutil.which("systemd-analyze") is None:
        return
    # the programs lie elsewhere on this machine
    copies = [tmp_path / other.name for other in UNITS]
    for other, copy in zip(UNITS, copies, strict=True):
        copy.write_text(re.sub(r"/srv/dispatch/\.venv/bin/\w+", "/bin/true", other.read_text("utf-8")), "utf-8")
    checked = subprocess.run(["systemd-analyze", "verify", str(tmp_path / unit.name)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0 and unit.name not in checked.stderr, checked.stderr


def test_the_compose_file_holds_together() -> None:
    services, volumes = compose()["services"], compose()["volumes"]
    for name, service in services.items():
        for needed in service.get("depends_on", {}):
            assert needed in services, (name, needed)
        for mount in service.get("volumes", ()):
            assert mount.partition(":")[0] in volumes, (name, mount)
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), "the way in is the server in front"
    assert (DEPLOY / "Dockerfile").exists()


def test_every_setting_named_in_deploy_is_one_there_is() -> None:
    told = (PROJECT_ROOT / "README.md").read_text("utf-8") + (PROJECT_ROOT / "dispatch" / "config.py").read_text("utf-8") \
        + (DEPLOY / "gunicorn.conf.py").read_text("utf-8")
    named = {name for path in DEPLOY.rglob("*") if path.is_file() for name in SETTING.findall(path.read_text("utf-8"))}
    assert named and all(name in told for name in named), {name for name in named if name not in told}


def test_no_secret_is_written_down() -> None:
    services = compose()["services"]
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name or "SECRET" in name:
                assert str(value).startswith("${"), name
    assert "${DATABASE_PASSWORD:?" in services["web"]["environment"]["DISPATCH_DATABASE_URL"]
