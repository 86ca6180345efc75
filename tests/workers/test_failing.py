"""A job that breaks: what of it reaches Redis and the log."""

from contextlib import closing

import pytest
from redis import Redis
from rq import Queue as RqQueue
from rq.serializers import JSONSerializer
from structlog.testing import capture_logs

from notifier.queue import QueueName
from workers.worker import _Worker

PHONE = "0938271645"


def breaks() -> None:
    raise ValueError(f"no phone: {PHONE}")


def test_the_words_of_an_exception_reach_neither_redis_nor_the_log(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Redis.from_url(redis_url)) as redis, capture_logs() as lines:
        redis.flushall()
        queue = RqQueue(QueueName.SEND, connection=redis, serializer=JSONSerializer)
        job = queue.enqueue(breaks)
        worker = _Worker([queue], connection=redis, serializer=JSONSerializer)
        worker.work(burst=True, logging_level="DEBUG")
        result = job.latest_result()
        redis.flushall()
    assert result is not None
    assert (result.type.name, result.exc_string) == ("FAILED", "")
    assert PHONE not in caplog.text
    (broke,) = [line for line in lines if line["event"] == "job_broke"]
    assert (broke["error"], PHONE in str(broke)) == ("ValueError", False)
    assert broke["trace"][-1].startswith("test_failing.py:")
