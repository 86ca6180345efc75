"""A child that dies with its parent, whatever kills the parent."""

import ctypes
import os
import signal
import sys
import threading
import time

PARENT_VARIABLE = "BAOTIN_PARENT_PID"
_PR_SET_PDEATHSIG = 1
_LOOK_EVERY_S = 0.5


def die_with_parent() -> None:
    """Follow the process named by BAOTIN_PARENT_PID; without one, nothing."""
    named = os.environ.get(PARENT_VARIABLE, "")
    if named.isdecimal():
        follow(int(named))


def follow(parent: int) -> None:
    """Be killed when this process' parent, `parent`, dies. Called from the main thread."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # it died before we could ask to be told
        os._exit(1)


def kill_with_parent() -> None:
    """For `preexec_fn`, in front of a program that is not ours. Linux only; else nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)
    os._exit(1)
