"""Environment files, as systemd, Docker and shells read them: a NAME=VALUE on each line."""

import re
from collections.abc import Mapping
from pathlib import Path

from notifier.up.secrets import write_private

_LINE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)")


def read(path: Path) -> dict[str, str]:
    """The variables of the file; none if it is not there. Of a name given twice, the last."""
    if not path.exists():
        return {}
    found = (_LINE.fullmatch(line.strip()) for line in path.read_text().splitlines())
    return {line["name"]: line["value"] for line in found if line}


def put(path: Path, values: Mapping[str, str]) -> None:
    """Set these variables, each in its place or at the end; all other lines stay.

    The file is replaced whole, and only its owner may read it.
    """
    left = dict(values)
    lines = path.read_text().splitlines() if path.exists() else []
    written = []
    for line in lines:
        found = _LINE.fullmatch(line.strip())
        name = found["name"] if found else ""
        if name in values:
            if name in left:
                written.append(f"{name}={left.pop(name)}")
            continue
        written.append(line)
    written += [f"{name}={value}" for name, value in left.items()]
    write_private(path, "\n".join([*written, ""]))
