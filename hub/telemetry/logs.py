"""Logs: one JSON object a line, UTC, to a file or standard error."""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import structlog


def configure_logs(role: str, path: Path | None = None, level: str = "info") -> None:
    """Send structlog's and the libraries' lines as JSON to `path`, or to standard error.

    Every line carries `role`, so that the lines of several processes can stand in one place.
    """
    stream = _open(path)
    number = logging.getLevelName(level.upper())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(role=role)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(), foreign_pre_chain=shared
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def _open(path: Path | None) -> TextIO:
    if path is None:
        return sys.stderr
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a", encoding="utf-8", buffering=1)


@contextmanager
def captured() -> Iterator[list[Mapping[str, Any]]]:
    """Every line logged inside, at any level, as fields; the logs are then what they were."""
    lines: list[Mapping[str, Any]] = []
    before = structlog.get_config()
    root, handler = logging.getLogger(), _Keeping(lines)
    level = root.level

    def keep(_logger: object, _name: str, fields: Any) -> Any:
        lines.append(dict(fields))
        raise structlog.DropEvent

    structlog.configure(
        processors=[structlog.processors.add_log_level, keep],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
    )
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        structlog.configure(**before)


class _Keeping(logging.Handler):
    """Keeps what libraries log."""

    def __init__(self, lines: list[Mapping[str, Any]]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line, its error text with it."""
        self._lines.append({"event": self.format(record), "logger": record.name})
