"""A department's REST server as a process, to be killed by tests: python rest_server.py PORT ROWS.

Records in the order of their keys, by cursor, and since a time.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


def at(number: int) -> str:
    """When a record changed: several share a second."""
    second = number // 7
    return f"2025-03-03T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"


class Handler(BaseHTTPRequestHandler):
    """One page."""

    rows = 0

    def do_GET(self) -> None:
        """The records behind the cursor."""
        query = {name: value[0] for name, value in parse_qs(urlsplit(self.path).query).items()}
        size, start = int(query["page_size"]), int(query.get("cursor", "0"))
        wanted = [n for n in range(1, self.rows + 1) if at(n) >= query.get("since", "")]
        page = [{"id": str(n), "text": f"hello {n}", "at": at(n)} for n in wanted[start:][:size]]
        more = start + size if start + size < len(wanted) else None
        body = json.dumps({"data": page, "next": more}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    Handler.rows = int(sys.argv[2])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
