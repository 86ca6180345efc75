import subprocess
import sys
from pathlib import Path

SAYS = """
import logging, structlog
from config import logs
logs.set_up("info")
for _ in range(2000):
    structlog.get_logger().info("said", n=1)
    logging.getLogger("other").warning("said")
print("went on")
"""


def test_a_disk_that_is_full_costs_lines_and_not_the_work_that_said_them() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", SAYS],
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            check=False,
        )
    assert done.stdout == "went on\n"
