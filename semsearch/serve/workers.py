"""A few threads that compute answers, and a short queue in front of them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from threading import Event
from typing import TypeVar

from starlette.requests import Request

from semsearch.deadlines import unless
from semsearch.serve.problems import Problem

_Result = TypeVar("_Result")


class Workers:
    """Runs work outside the event loop, in a limited number of threads."""

    def __init__(self, workers: int, waiting: int) -> None:
        """Start without work.

        Args:
            workers: number of threads.
            waiting: number of requests that may wait for one.
        """
        self._slots = asyncio.Semaphore(workers)
        self._most, self._pending = workers + waiting, 0
        self._pool = ThreadPoolExecutor(workers, "semsearch-query")

    async def run(self, request: Request, work: Callable[[], _Result]) -> _Result:
        """Do work when its turn comes; give it up if the client hangs up, as the page does while somebody types.

        Raises:
            Problem: too many requests are waiting, or the client has gone.
            QueryTimeoutError: the work was given up.
        """
        if self._pending >= self._most:
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                "busy",
                f"{self._pending} requests are being answered or wait",
                "ask again in a second",
                headers={"Retry-After": "1"},
            )
        self._pending += 1
        try:
            async with self._slots:
                if await request.is_disconnected():
                    raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "disconnected", "the client has gone")
                given_up = Event()
                watching = asyncio.create_task(_set_when_gone(request, given_up))
                try:
                    return await asyncio.get_running_loop().run_in_executor(self._pool, _unless(given_up, work))
                finally:
                    watching.cancel()
        finally:
            self._pending -= 1

    def close(self) -> None:
        """Let running work end, and start no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


async def _set_when_gone(request: Request, given_up: Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    given_up.set()


def _unless(given_up: Event, work: Callable[[], _Result]) -> Callable[[], _Result]:
    def run() -> _Result:
        with unless(given_up):
            return work()

    return run
