"""This machine: room on its disk, and who may read what lies there."""

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from config.settings import Settings
from notifier.services.doctor.findings import Finding, fail, ok, warn

_LITTLE = 1_000_000_000  # bytes
_TOO_LITTLE = 200_000_000
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def findings(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_folder.absolute()
    yield from _disk(folder)
    yield from _modes(folder)


def _disk(folder: Path) -> Iterator[Finding]:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    said = f"{free / 1e9:.1f} GB free at {there}"
    if free < _TOO_LITTLE:
        yield fail("disk", said, "make room: a database that cannot write refuses events")
    elif free < _LITTLE:
        yield warn("disk", said, "make room")
    else:
        yield ok("disk", said)


def _modes(folder: Path) -> Iterator[Finding]:
    if not folder.exists():
        return
    if folder.stat().st_mode & _OTHERS:
        yield warn("files", f"others may look into {folder}", f"chmod 700 {folder}")
        return
    yield ok("files", f"only their owner reads {folder}")
