"""What a worker process's jobs work with: set once by the worker, read by every job."""

from contextvars import ContextVar
from dataclasses import dataclass
from threading import Event

from notifier.services.nightly import Nightly
from notifier.services.resealing import Resealer
from notifier.services.sending import Sender
from notifier.services.sweeping import Sweeper


@dataclass(frozen=True, slots=True)
class WorkContext:
    """The parts that outlive a job."""

    sender: Sender
    sweeper: Sweeper
    nightly: Nightly
    resealer: Resealer
    stopping: Event


current: ContextVar[WorkContext] = ContextVar("baotin_work_context")
