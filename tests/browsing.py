"""A real Chromium for the tests of pages and for the pictures: the system's own, if it has one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

# What a machine sees of WCAG 2.2 AA.
AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    },
    "resultTypes": ["violations"],  # the rest is not gathered: quicker
}
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoChromium(Exception):
    """There is none, and the text says how to get one."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium. Raises `NoChromium`.

    Its event loop stays in the thread's way while it runs: nothing else may use asyncio there.
    """
    with sync_playwright() as playwright:
        system = next(filter(None, map(shutil.which, _NAMES)), None)
        path = system or playwright.chromium.executable_path
        if not Path(path).exists():
            raise NoChromium(
                "no Chromium: install the package chromium,"
                " or run .venv/bin/playwright install chromium"
            )
        # Chromium as root has no sandbox to go into.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=[*_ARGUMENTS, *sandbox])
        yield browser
        browser.close()
