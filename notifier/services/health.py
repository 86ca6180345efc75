"""Whether the parts that the product needs answer."""

from redis import RedisError
from sqlalchemy import text

from notifier import queue
from notifier.queue import QueueName
from notifier.services import restarts
from notifier.services.views import Readiness
from notifier.services.wiring import Wiring
from notifier.store.engine import StoreUnavailable


def readiness(*, wiring: Wiring) -> Readiness:
    """Ask the database, Redis and the workers' heartbeats. Never raises."""
    try:
        with wiring.sessions.read() as session:
            session.execute(text("SELECT 1 FROM revisions LIMIT 1"))
        database = True
    except StoreUnavailable:
        database = False
    try:
        workers = queue.live_workers(wiring.redis)
        redis = queue.policy_problem(wiring.redis) is None
    except RedisError:
        workers, redis = {name.value: 0 for name in QueueName}, False
    return Readiness(database, redis, workers, bool(restarts.outdated(wiring=wiring)))
