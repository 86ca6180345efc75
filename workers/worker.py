"""A worker process: one RQ worker that listens on one queue.

One queue only: RQ takes a job atomically (BLMOVE) only then; with two it pops, and a kill
between pop and start loses the job (rq issues 1716, 381, 2079).
"""

import signal
import threading
from importlib import import_module
from types import FrameType
from typing import Any, cast

import structlog
from redis import Redis, RedisError
from rq import Queue as RqQueue
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from config import logs
from config.settings import Settings
from gateways.http import HttpCaller
from notifier import queue
from notifier.pulses import About, Pulse, Role
from notifier.queue import QueueName
from notifier.services import encryption_keys, figures
from notifier.services.balances import BalanceKeeper
from notifier.services.breakers import Breakers
from notifier.services.callbacks import reach_of
from notifier.services.calling_back import AT_ONCE, Callbacks
from notifier.services.duty_desk import DutyDesk
from notifier.services.fitting import Fitter
from notifier.services.jumps import JumpWatch
from notifier.services.nightly import Nightly
from notifier.services.planning import Planner
from notifier.services.polling import Poller
from notifier.services.pool import CallPool
from notifier.services.recording import Recorder
from notifier.services.resealing import Resealer
from notifier.services.resolving import Resolver
from notifier.services.sending import Probe, Sender, no_probe
from notifier.services.sweeping import Sweeper
from notifier.services.traffic import Traffic
from notifier.services.wiring import Wiring, paced, wire
from workers.context import WorkContext, current

log = structlog.get_logger(__name__)

_RECONNECT_AT_MOST_S = 2
_AWAY_S = 0.5
# RQ refreshes a worker's key this often beyond; a dead one must not count as alive for long.
_WORKER_TTL_S = 30


class _Worker(SimpleWorker):
    """RQ's worker without a fork for each job, in a hurry to reconnect, and stopped by us."""

    max_connection_wait_time = _RECONNECT_AT_MOST_S

    def _install_signal_handlers(self) -> None:
        """The process has its own: they also tell a running job to wind up."""

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Log where it broke; RQ would log the exception's words, which may be personal."""
        problem = exc_info[1]
        log.error(
            "job_broke",
            job=job.func_name,
            error=type(problem).__name__,
            trace=logs.trace(problem),
        )

    def handle_job_failure(
        self,
        job: Job,
        queue: RqQueue,
        started_job_registry: StartedJobRegistry | None = None,
        exc_string: str = "",  # noqa: ARG002 - it stays out of Redis
        execution: Execution | None = None,
    ) -> None:
        """Note the failure, without the words."""
        super().handle_job_failure(job, queue, started_job_registry, "", execution)

    def end_soon(self) -> None:
        """End after the running job; at once when idle. RQ's own way talks to Redis here."""
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested


class _Process:
    """The life of one worker process."""

    def __init__(self, name: QueueName, redis_url: str) -> None:
        self._name = name
        self._redis_url = redis_url
        self.stopping = threading.Event()
        self._worker: _Worker | None = None

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Wind up: begin no call, let running ones end, then leave."""
        self.stopping.set()
        if self._worker is not None:
            self._worker.end_soon()

    def work(self) -> None:
        """Work until told to stop, whatever Redis does."""
        while not self.stopping.is_set():
            try:
                queue.refuse_lossy(queue.connect(self._redis_url))
                self._worker = _Worker(
                    [
                        RqQueue(
                            self._name,
                            connection=_blocking(self._redis_url),
                            serializer=JSONSerializer,
                        )
                    ],
                    connection=_blocking(self._redis_url),
                    serializer=JSONSerializer,
                    worker_ttl=_WORKER_TTL_S,
                )
                self._worker.work(logging_level="WARNING")
            except RedisError as problem:
                log.warning("redis_away", queue=self._name, error=type(problem).__name__)
            except StopRequested:
                return
            finally:
                self._worker = None
            self.stopping.wait(_AWAY_S)


def _blocking(url: str) -> Redis:
    """A connection for a worker's blocking wait: RQ sets the read time-out itself."""
    return Redis.from_url(url)


def run(settings: Settings, name: str) -> None:
    """Work on one queue until SIGTERM or SIGINT."""
    wiring = wire(settings)
    encryption_keys.adopt(sessions=wiring.sessions, sealer=wiring.sealer)
    process = _Process(QueueName(name), settings.redis_url)
    signal.signal(signal.SIGTERM, process.stop)
    signal.signal(signal.SIGINT, process.stop)
    context = build_context(wiring, process.stopping, probe=_probe(settings))
    current.set(context)
    Pulse(
        queue.connect(settings.redis_url),
        Role(name),
        wiring.ids.new("wrk"),
        About.this_process(settings),
        wiring.clock,
    ).start(process.stopping)
    log.info("worker_started", queue=name)
    try:
        process.work()
    finally:
        context.sender.pool.close()
        wiring.close()
    log.info("worker_stopped", queue=name)


def build_context(
    wiring: Wiring, stopping: threading.Event, *, probe: Probe = no_probe
) -> WorkContext:
    """The parts that a worker's jobs share."""
    nightly = Nightly(
        sessions=wiring.sessions,
        clock=wiring.clock,
        ids=wiring.ids,
        keeping=wiring.keeping,
        jumps=JumpWatch(wiring.clock),
    )
    resealer = Resealer(wiring.sessions, wiring.sealer, wiring.redis, wiring.clock)
    return WorkContext(_sender(wiring, probe), _sweeper(wiring), nightly, resealer, stopping)


def _sender(wiring: Wiring, probe: Probe) -> Sender:
    recorder = Recorder(
        sessions=wiring.sessions,
        accounts=wiring.accounts,
        ids=wiring.ids,
        spread=wiring.spread,
        keeping=wiring.keeping,
        share=wiring.random_bytes(1)[0] % figures.SHARES,
    )
    fitter = Fitter(wiring.sealer, wiring.accounts, wiring.catalogue)
    breakers = Breakers(wiring.sessions, wiring.clock, wiring.ids)
    pacing = paced(wiring.settings, wiring.clock, wiring.ids.new("wrk"))
    traffic = Traffic(wiring.accounts, breakers, pacing, wiring.catalogue)
    planner = Planner(
        sessions=wiring.sessions,
        sealer=wiring.sealer,
        accounts=wiring.accounts,
        fitter=fitter,
        traffic=traffic,
        catalogue=wiring.catalogue,
    )
    return Sender(
        sessions=wiring.sessions,
        sealer=wiring.sealer,
        queue=wiring.queue,
        clock=wiring.clock,
        ids=wiring.ids,
        accounts=wiring.accounts,
        pool=CallPool(wiring.settings.pool_size, beside=AT_ONCE),
        recorder=recorder,
        resolver=_resolver(wiring, recorder, fitter, traffic),
        poller=_poller(wiring),
        balances=BalanceKeeper(wiring.sessions, wiring.clock, wiring.accounts),
        callbacks=_callbacks(wiring),
        catalogue=wiring.catalogue,
        planner=planner,
        restraint=wiring.restraint,
        traffic=traffic,
        probe=probe,
    )


def _resolver(wiring: Wiring, recorder: Recorder, fitter: Fitter, traffic: Traffic) -> Resolver:
    return Resolver(
        sessions=wiring.sessions,
        sealer=wiring.sealer,
        clock=wiring.clock,
        ids=wiring.ids,
        accounts=wiring.accounts,
        recorder=recorder,
        jumps=JumpWatch(wiring.clock),
        catalogue=wiring.catalogue,
        fitter=fitter,
        keeping=wiring.keeping,
        spread=wiring.spread,
        traffic=traffic,
    )


def _poller(wiring: Wiring) -> Poller:
    return Poller(
        sessions=wiring.sessions,
        sealer=wiring.sealer,
        clock=wiring.clock,
        ids=wiring.ids,
        accounts=wiring.accounts,
        keeping=wiring.keeping,
    )


def _callbacks(wiring: Wiring) -> Callbacks:
    return Callbacks(
        sessions=wiring.sessions,
        sealer=wiring.sealer,
        clock=wiring.clock,
        ids=wiring.ids,
        caller=HttpCaller(AT_ONCE, reach_of(wiring).may_connect, wiring.names),
    )


def _sweeper(wiring: Wiring) -> Sweeper:
    return Sweeper(
        sessions=wiring.sessions,
        queue=wiring.queue,
        clock=wiring.clock,
        accounts=wiring.accounts,
        catalogue=wiring.catalogue,
        jumps=JumpWatch(wiring.clock),
        ids=wiring.ids,
        keeping=wiring.keeping,
        desk=DutyDesk(wiring.sealer, wiring.hashes, wiring.ids, wiring.keeping),
    )


def _probe(settings: Settings) -> Probe:
    """The fault drill's probe, named module:function; in production there is none."""
    if not settings.probe:
        return no_probe
    module, _, function = settings.probe.partition(":")
    probe = getattr(import_module(module), function)
    return cast(Probe, probe)
