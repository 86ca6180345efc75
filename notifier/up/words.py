"""What `baotin up` says once everything answers."""

from collections.abc import Mapping
from pathlib import Path


def welcome(told: Mapping[str, object], folder: Path) -> str:
    """The addresses, the key, and one line to paste."""
    lines = [
        "",
        "Báo Tin is running.",
        f"  API        {told['api']}   (try it: {told['api']}/docs)",
    ]
    if "admin" in told:
        lines.append(f"  Pages      {told['admin']}   (log in as one of `staff` in ready.json)")
    if "simulator" in told:
        lines.append(f"  Phones     {told['simulator']}   (watch the SMS arrive, and answer it)")
    lines += [f"  Data       {folder}", "  Ctrl-C stops everything."]
    if told.get("api_key"):
        lines += [
            "",
            f"  Demo key   {told['api_key']}",
            "",
            "Paste this to send an SMS:",
            "",
            curl(str(told["api"]), str(told["api_key"])),
            "",
        ]
    return "\n".join(lines)


def curl(api: str, key: str) -> str:
    """One line that posts an event with an id of its own, each time it is pasted."""
    event = (
        '{"id": "try-\'$(date +%s%N)\'", "type": "result_ready", '
        '"occurred_at": "\'$(date -u +%Y-%m-%dT%H:%M:%SZ)\'", '
        '"case": {"code": "000.00.16.H29-261123-0001", "office": "lai-thieu", '
        '"channel": "counter"}, "recipient": {"phone": "0912345678"}, '
        '"data": {"noi_nhan": "Quầy 3"}}'
    )
    return (
        f"curl -sS {api}/v1/events -H 'Authorization: Bearer {key}' "
        f"-H 'Content-Type: application/json' -d '{event}'"
    )
