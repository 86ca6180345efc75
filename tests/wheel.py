"""`make wheel`: the wheel, in an empty environment outside the checkout, runs `baotin up`.

An event is posted, the simulator's ledger holds its SMS, and Ctrl-C ends everything.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
WITHIN_S = 120.0
EVENT: dict[str, Any] = {
    "id": "first",
    "type": "result_ready",
    "occurred_at": "2026-11-24T09:00:00+07:00",
    "case": {"code": "H29-1", "office": "lai-thieu", "channel": "counter"},
    "recipient": {"phone": "0912345678"},
    "data": {"noi_nhan": "Quầy 3"},
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="baotin-wheel-") as folder:
        home = Path(folder)
        baotin = _install(home)
        env = {
            "PATH": os.environ["PATH"],
            "BAOTIN_DATA": str(home / "data"),
            "BAOTIN_LISTEN": "127.0.0.1:0",
            "BAOTIN_SIMULATOR_LISTEN": "127.0.0.1:0",
        }
        with (home / "up.log").open("wb") as log:
            up = subprocess.Popen([baotin, "up"], cwd=home, env=env, stdout=log, stderr=log)
        try:
            _send_one(home, baotin, env, up)
        finally:
            up.send_signal(signal.SIGINT)
            code = up.wait(60)
        if code:
            raise SystemExit(f"baotin up ended with {code}")
    print("the wheel installs into an empty environment and sends an SMS")  # noqa: T201 - its answer


def _install(home: Path) -> Path:
    """Build the wheel and put it with what it needs into an environment; the command."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    # From the files that git knows, elsewhere: a build leaves its own behind, and finds them again.
    source = home / "source"
    listed = ["git", "-C", str(ROOT), "ls-files", "-z"]
    names = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    build = ["wheel", "--no-deps", "--no-build-isolation", "-w", str(home), str(source)]
    subprocess.run([*pip, *build], check=True)
    (wheel,) = home.glob("baotin-*.whl")
    subprocess.run([sys.executable, "-m", "venv", str(home / "env")], check=True)
    inner = home / "env" / "bin"
    fresh = [str(inner / "pip"), "--disable-pip-version-check", "-q", "install"]
    locked = ["--require-hashes", "-r", str(ROOT / "requirements.lock")]
    subprocess.run([*fresh, *locked], check=True)
    subprocess.run([*fresh, "--no-index", str(wheel)], check=True)
    subprocess.run([inner / "pip", "--disable-pip-version-check", "check"], check=True)
    return inner / "baotin"


def _send_one(home: Path, baotin: Path, env: dict[str, str], up: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + WITHIN_S
    ready = home / "data" / "ready.json"
    while not ready.exists():
        if up.poll() is not None or time.monotonic() > ends:
            raise SystemExit(f"baotin up is not ready:\n{(home / 'up.log').read_text()}")
        time.sleep(0.2)
    told = json.loads(ready.read_text())
    event = home / "event.json"
    event.write_text(json.dumps(EVENT))
    posting = ["send-event", str(event), "--url", told["api"], "--key", told["api_key"]]
    subprocess.run([baotin, *posting], cwd=home, env=env, check=True, stdout=subprocess.DEVNULL)
    while time.monotonic() < ends:
        with urllib.request.urlopen(f"{told['simulator']}/sim/messages") as answer:  # noqa: S310
            if any("H29-1" in row["text"] for row in json.load(answer)["messages"]):
                return
        time.sleep(0.2)
    raise SystemExit(f"no SMS came:\n{(home / 'up.log').read_text()}")


if __name__ == "__main__":
    main()
