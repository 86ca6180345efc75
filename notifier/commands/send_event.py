"""`baotin send-event`."""

import json
from pathlib import Path

import click

from notifier.commands.failing import Failed, settings_from


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", help="The API; the running demo's if unset.")
@click.option("--key", envvar="BAOTIN_API_KEY", help="An API key; the running demo's if unset.")
def command(file: Path, url: str | None, key: str | None) -> None:
    """Post the event in FILE and print the answer.

    Example: baotin send-event event.json
    """
    import urllib3

    if not url or not key:
        ready = settings_from().data_folder / "ready.json"
        if not ready.exists():
            raise Failed(f"nothing runs in {ready.parent}: give --url and --key, or `baotin up`")
        told = json.loads(ready.read_text())
        url, key = url or told["api"], key or told["api_key"]
    if not (key.isascii() and key.isprintable()):
        raise Failed("--key is no API key: it holds a line break, or letters that no key has")
    try:
        reply = urllib3.request(
            "POST",
            f"{url}/v1/events",
            body=file.read_bytes(),
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            retries=False,
            timeout=30,
        )
    except urllib3.exceptions.HTTPError as problem:
        raise Failed(f"{url} does not answer: {type(problem).__name__}") from None
    print(reply.data.decode())
    if reply.status != 202:  # noqa: PLR2004 - Accepted
        raise Failed(f"refused with status {reply.status}")
