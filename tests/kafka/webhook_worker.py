"""A worker that takes signed calls, as a process of its own, to be killed by tests.

    python webhook_worker.py BOOTSTRAP PORT SESSION_TIMEOUT_S

It says `held` once it can be called.
"""

import dataclasses
import sys
import threading
from collections.abc import Iterator

from connector_worker import CONNECTOR, links, say

from hub import clock
from hub.bus.lease import Lease
from hub.connect.contract import Change, Request, Unreadable
from hub.connect.intake import Desk, serve
from hub.connect.runtime import Links
from hub.connect.sources.webhook import Signed, check_signature, json_body

SIGNED = Signed("a secret of tests only")
BODY_BYTES_MAX = 10_000


def receive(signed: Signed, request: Request) -> Iterator[Change | Unreadable]:
    """The change in a signed call."""
    check_signature(request, signed, clock.now_us())
    yield json_body(request, BODY_BYTES_MAX)


def main() -> None:
    """Serve until killed."""
    bootstrap, port, session_timeout_s = sys.argv[1:4]
    stop = threading.Event()

    def open_links() -> Links:
        return links(bootstrap, Lease(bootstrap, {}, "texts", float(session_timeout_s)))

    made = dataclasses.replace(CONNECTOR, changes=None, receive=receive)
    serve(
        {"texts": Desk(made, SIGNED, open_links, stop)},
        stop,
        port=int(port),
        ready=lambda _: say("held"),
    )


if __name__ == "__main__":
    main()
