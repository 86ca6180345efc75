"""The secrets of an installation, and the demo's own, made once and kept in its folder."""

import base64
import json
import os
import secrets
from pathlib import Path

from config.fitness import DEMO_KEY_MARK, DEMO_WORD_MARK
from config.readers import KEY_BYTES
from notifier.up.playing import made_up_accounts

_FILE = "secrets.json"


def fresh() -> dict[str, str]:
    """A fresh set, by setting."""
    return {
        "BAOTIN_ENCRYPTION_KEYS": f"k1:{fresh_key()}",
        "BAOTIN_HASH_KEY": fresh_key(),
        "BAOTIN_WEBHOOK_SECRET": secrets.token_urlsafe(24),
    }


def of_demo(folder: Path) -> dict[str, str]:
    """The demo's secrets and the credentials of its simulated accounts, the same every time.

    They are marked, so that production refuses them (`config/fitness.py`).
    """
    path = folder / _FILE
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    made = {
        "BAOTIN_ENCRYPTION_KEYS": f"demo:{_demo_key()}",
        "BAOTIN_HASH_KEY": _demo_key(),
        "BAOTIN_WEBHOOK_SECRET": f"{DEMO_WORD_MARK}{secrets.token_urlsafe(24)}",
        **made_up_accounts(_digits),
        **kept,
    }
    if made != kept:
        write_private(path, json.dumps(made, indent=2))
    return made


def write_private(path: Path, text: str) -> None:
    """Replace a file, readable by its owner only, whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _digits(count: int) -> str:
    return secrets.token_hex(count // 2 + 1)[:count]


def _demo_key() -> str:
    random = secrets.token_bytes(KEY_BYTES - len(DEMO_KEY_MARK))
    return base64.b64encode(DEMO_KEY_MARK + random).decode()


def fresh_key() -> str:
    """A key of the ring, as its setting takes it."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
