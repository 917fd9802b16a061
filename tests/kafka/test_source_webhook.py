"""Signed calls while the worker that takes them, or Kafka, is killed: what got 200 is on Kafka."""

import base64
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from source_kills import KILLS, ROWS, chance, check, expected_ids, rows
from webhook_worker import SIGNED
from worker_processes import Workers, address_of, held, ids_in, position_in

from hub.local.kafka import Kafka
from hub.local.process import free_port

pytestmark = pytest.mark.kafka
SENDERS = 8
TAKEN = 200


class Sender:
    """A department that repeats each call until it is answered with 200, as they do after a 5xx."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/texts"
        self.refused: list[int] = []
        self.taken = 0
        self.ended = threading.Event()

    def send(self, row: dict[str, str]) -> None:
        """One record, until it is taken."""
        body = json.dumps(row).encode()
        while not self.ended.is_set():
            try:
                with urllib.request.urlopen(self._call(body), timeout=10) as answer:  # noqa: S310
                    assert answer.status == TAKEN
                    self.taken += 1
                    return
            except urllib.error.HTTPError as error:
                error.close()
                if error.code < 500:
                    self.refused.append(error.code)
                    return
            except OSError:
                pass
            self.ended.wait(0.2)

    def _call(self, body: bytes) -> urllib.request.Request:
        at = str(int(time.time()))
        content = f"m.{at}.".encode() + body
        mark = hmac.digest(SIGNED.secret.encode(), content, "sha256")
        headers = {
            SIGNED.id_header: "m",
            SIGNED.timestamp_header: at,
            SIGNED.signature_header: f"v1,{base64.b64encode(mark).decode()}",
        }
        return urllib.request.Request(self._url, body, headers)  # noqa: S310 - loopback


@pytest.mark.parametrize("disturbed", ["worker", "kafka"])
def test_kills_lose_nothing(kafka: Kafka, workers: Workers, disturbed: str) -> None:
    """F18, F20: at random points; every call is answered with 200 in the end, and is on Kafka."""
    at, port, bootstrap = chance(), free_port(None), address_of(kafka)
    sender = Sender(port)
    process = workers.start(bootstrap, str(port), program="webhook_worker.py")
    held(process)
    with ThreadPoolExecutor(SENDERS) as pool:
        sent = [pool.submit(sender.send, row) for row in rows()]
        try:
            for _ in range(KILLS):
                while sender.taken == 0:
                    time.sleep(0.05)
                time.sleep(at.uniform(0.05, 1.0))
                if disturbed == "kafka":
                    kafka.kill()
                    kafka.start()
                else:
                    process.kill()
                    process.wait()
                    process = workers.start(bootstrap, str(port), program="webhook_worker.py")
                    held(process)
            for one in sent:
                one.result(120)
        finally:
            sender.ended.set()
    assert sender.refused == []
    assert sender.taken == ROWS
    assert ids_in(bootstrap) == expected_ids()
    check(kafka, position_in(bootstrap).books)


def test_a_call_that_cannot_be_taken_gets_5xx_and_a_wrong_one_401(
    kafka: Kafka, workers: Workers
) -> None:
    """Nothing is promised while Kafka is away, and nothing of a wrong caller is ever taken."""
    port, bootstrap = free_port(None), address_of(kafka)
    process = workers.start(bootstrap, str(port), program="webhook_worker.py")
    held(process)
    sender, row = Sender(port), {"id": "1", "text": "x"}
    sender.send(row)
    assert sender.taken == 1
    kafka.kill()
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(sender._call(json.dumps(row).encode()), timeout=30)  # noqa: S310
    assert caught.value.code == 503
    assert int(caught.value.headers["Retry-After"]) > 0
    caught.value.close()
    wrong = sender._call(b"{}")
    wrong.data = b'{"id": "2"}'
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(wrong, timeout=30)  # noqa: S310
    assert caught.value.code == 401
    caught.value.close()
    kafka.start()
    sender.send(row)
    assert sender.taken == 2
    assert len(ids_in(bootstrap)) == 1
