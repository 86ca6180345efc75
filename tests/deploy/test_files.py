"""What deploy/ holds is what its readers take: systemd, Prometheus, Docker, nginx."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from notifier.cli import cli
from notifier.services.metrics import NAMES

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PROCESSES = {"api", "worker send", "worker upkeep", "scheduler"}


def text(*path: str) -> str:
    return DEPLOY.joinpath(*path).read_text(encoding="utf-8")


def settings_of(unit: Path) -> dict[str, str]:
    pairs = re.findall(r"^(\w+)=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(pairs)


def test_there_is_a_unit_for_every_process() -> None:
    started = {settings_of(unit)["ExecStart"].partition("/baotin ")[2] for unit in UNITS}
    assert started == PROCESSES
    wanted = re.findall(r"baotin-[\w@.-]+", text("systemd", "baotin.target"))
    assert {re.sub(r"@\d+", "@", name) for name in wanted} == {unit.name for unit in UNITS}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_comes_back_ends_in_order_and_may_do_little(unit: Path) -> None:
    told = settings_of(unit)
    assert told["Restart"] == "always"
    assert int(told["TimeoutStopSec"]) > 12  # a call's deadline and a lease
    assert told["User"] == "baotin"
    hard = ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictNamespaces")
    assert [told[name] for name in hard] == ["yes"] * len(hard)
    assert (told["ProtectSystem"], told["UMask"]) == ("strict", "0077")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_the_unit(unit: Path, tmp_path: Path) -> None:
    # The program is not installed where tests run; everything else is read as it stands.
    copy = tmp_path / unit.name.replace("@", "@1")
    written = unit.read_text(encoding="utf-8").replace("/opt/baotin/bin/baotin", "/bin/true")
    copy.write_text(written, encoding="utf-8")
    verify = shutil.which("systemd-analyze")
    if verify is None:
        known = re.findall(r"^\[(\w+)\]$", written, re.MULTILINE)
        assert known == ["Unit", "Service", "Install"]
        return
    done = subprocess.run(
        [verify, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    complaints = [line for line in done.stderr.splitlines() if unit.stem.rstrip("@") in line]
    assert complaints == []


def test_the_procfile_names_the_processes() -> None:
    lines = dict(re.findall(r"^(\w+): baotin (.*)$", (ROOT / "Procfile").read_text(), re.MULTILINE))
    assert set(lines.values()) - {lines["release"]} == PROCESSES


def rules() -> list[dict[str, Any]]:
    loaded = yaml.safe_load(text("prometheus", "alerts.yml"))
    return [rule for group in loaded["groups"] for rule in group["rules"]]


def test_an_alert_asks_for_figures_that_there_are() -> None:
    for rule in rules():
        asked = set(
            re.findall(r"\bbaotin_\w+", rule["expr"].replace("_seconds_bucket", "_seconds"))
        )
        assert asked, rule
        assert asked <= set(NAMES), rule


def test_an_alert_says_what_is_wrong_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules())
    for rule in rules():
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert set(rule["annotations"]) == {"summary", "do"}
        for command in re.findall(r"baotin ([a-z]+)", rule["annotations"]["do"]):
            assert command in cli.list_commands(None)  # type: ignore[arg-type]  # it asks for none


def test_compose_starts_every_process_after_the_migration() -> None:
    services = yaml.safe_load(text("docker", "compose.yaml"))["services"]
    ours = {name: one for name, one in services.items() if one.get("image") == "baotin"}
    assert {
        " ".join(one["command"]) for name, one in ours.items() if name != "migrate"
    } == PROCESSES
    for name, one in ours.items():
        waits = "postgres" if name == "migrate" else "migrate"
        assert waits in one["depends_on"]
        assert one["read_only"]
        assert one["cap_drop"] == ["ALL"]
    assert "noeviction" in services["redis"]["command"]
    assert services["api"]["ports"] == ["127.0.0.1:8080:8080"]  # behind a proxy


def test_the_dockerfile_copies_what_there_is_and_runs_as_nobody_special() -> None:
    lines = [
        line.split()
        for line in text("docker", "Dockerfile").replace("\\\n", " ").splitlines()
        if line and not line.startswith("#")
    ]
    known = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT"}
    assert {words[0] for words in lines} == {*known, "CMD"}
    for words in lines:
        if words[0] == "COPY" and not words[1].startswith("--from"):
            assert all((ROOT / source).exists() for source in words[1:-1]), words
    assert ["USER", "baotin"] in lines


def test_nginx_passes_on_what_is_public_and_nothing_else() -> None:
    conf = re.sub(r"#[^\n]*", "", text("nginx", "baotin.conf"))
    assert conf.count("{") == conf.count("}")
    assert all(
        line.rstrip().endswith((";", "{", "}")) for line in conf.splitlines() if line.strip()
    )
    locations = dict(re.findall(r"location ([^{]+?) \{([^}]*)\}", conf))
    assert locations["/"].split() == ["return", "404;"]
    assert not any(private in where for where in locations for private in ("metrics", "healthz"))
    assert "deny  all" in locations["/admin/"]
    assert "proxy_set_header        X-Forwarded-For $remote_addr;" in conf
