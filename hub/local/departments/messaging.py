"""The stand-in notification service: posts callbacks and tries again as the real one does.

It repeats after a 5xx, a 429 or no answer, never after another 4xx; the waits are shorter.
"""

import http.client
import threading
import urllib.parse
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from hub.local.departments.messaging_rows import Callback, callbacks
from hub.local.departments.population import Population

SENDERS = 8
TRIES_MAX = 6
RETRY_WAIT_S = 5.0
TIMEOUT_S = 5.0
OK, CLIENT_FAULT, TOO_MANY, SERVER_FAULT = 200, 400, 429, 500


class Counts(NamedTuple):
    """What became of the callbacks: posted = confirmed + refused + given_up."""

    posted: int = 0
    confirmed: int = 0
    refused: int = 0
    given_up: int = 0
    retries: int = 0

    def add(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(*(mine + its for mine, its in zip(self, other, strict=True)))


def send_webhooks(
    url: str,
    token: str,
    population: Population,
    stop: threading.Event,
    *,
    retry_wait_s: float = RETRY_WAIT_S,
    progress: Callable[[str], None] = lambda _: None,
) -> Counts:
    """Post all callbacks to `url`/PATH with SENDERS at once, until done or stopped.

    The same population gives the same callbacks, so doing it again tells nothing new.
    """
    posts = callbacks(population)
    senders = [_Sender(url, token, stop, retry_wait_s) for _ in range(SENDERS)]
    with ThreadPoolExecutor(SENDERS, "notifications") as pool:
        shares = [posts[number::SENDERS] for number in range(SENDERS)]
        found = list(pool.map(lambda sender, share: sender.send(share), senders, shares))
    total = Counts()
    for counts in found:
        total = total.add(counts)
    progress(f"messaging: {total.confirmed} of {total.posted} callbacks confirmed")
    return total


class _Sender:
    """One connection kept open."""

    def __init__(self, url: str, token: str, stop: threading.Event, retry_wait_s: float) -> None:
        self._url = urllib.parse.urlsplit(url)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._stop = stop
        self._retry_wait_s = retry_wait_s
        self._connection: http.client.HTTPConnection | None = None

    def send(self, posts: Sequence[Callback]) -> Counts:
        """Post a share of the callbacks one after the other."""
        counts = Counts()
        for post in posts:
            if self._stop.is_set():
                break
            counts = counts.add(self._deliver(post))
        self._close()
        return counts

    def _deliver(self, post: Callback) -> Counts:
        for number in range(TRIES_MAX):
            if number and self._stop.wait(self._retry_wait_s):
                return Counts(posted=1, given_up=1, retries=number - 1)
            status = self._post(post)
            if status is not None and status < CLIENT_FAULT:
                return Counts(posted=1, confirmed=1, retries=number)
            if status is not None and status < SERVER_FAULT and status != TOO_MANY:
                return Counts(posted=1, refused=1, retries=number)
        return Counts(posted=1, given_up=1, retries=TRIES_MAX - 1)

    def _post(self, post: Callback) -> int | None:
        """The status of the answer; None for none."""
        try:
            if self._connection is None:
                host = self._url.hostname or "127.0.0.1"
                self._connection = http.client.HTTPConnection(host, self._url.port, TIMEOUT_S)
            path = f"{self._url.path.rstrip('/')}/{post.path}"
            self._connection.request("POST", path, post.body, self._headers)
            with self._connection.getresponse() as answer:
                answer.read()
                return answer.status
        except (OSError, http.client.HTTPException):
            self._close()
            return None

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
