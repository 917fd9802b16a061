"""Connector workers as processes, to be killed, and what they left on Kafka."""

import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from hub.bus.reader import read_topic
from hub.bus.topics import BATCHES, POSITIONS, all_topics, events_topic, quarantine_topic
from hub.connect import positions
from hub.local.kafka import Kafka

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EVENTS, PARKED = events_topic("messaging"), quarantine_topic("texts")
TOPICS = [
    t for t in all_topics(("texts",)) if t.name in (EVENTS, PARKED, POSITIONS.name, BATCHES.name)
]


class Workers:
    """Worker processes of a test."""

    def __init__(self) -> None:
        """None yet."""
        self._all: list[subprocess.Popen[str]] = []

    def start(
        self,
        bootstrap: str,
        source: str | Path,
        session_timeout_s: float = 1.5,
        program: str = "connector_worker.py",
        more: Sequence[str] = (),
    ) -> "subprocess.Popen[str]":
        """One more."""
        process = subprocess.Popen(
            [
                sys.executable,
                str(HERE / program),
                bootstrap,
                str(source),
                str(session_timeout_s),
                *more,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PATH": ""},
        )
        self._all.append(process)
        return process

    def end(self) -> None:
        """Kill those that still run."""
        for process in self._all:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def line_of(process: "subprocess.Popen[str]", word: str) -> str:
    """The first line of a worker that begins with a word; its log lines are passed over."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(word):
            return line.removeprefix(word).strip()
    raise AssertionError(f"the worker ended without {word}: {process.wait()}")


def held(process: "subprocess.Popen[str]") -> None:
    """Wait until a worker holds its lease or can be called; its later log lines are read away."""
    line_of(process, "held")
    assert process.stdout is not None
    threading.Thread(target=process.stdout.read, daemon=True).start()


def address_of(server: Kafka) -> str:
    """Where clients find a broker."""
    return f"127.0.0.1:{server.port}"


def ids_in(bootstrap: str) -> set[str]:
    """The identifiers of the events on Kafka."""
    return {dict(m.headers)["ce_id"].decode() for m in read_topic(bootstrap, EVENTS)}


def position_in(bootstrap: str) -> positions.Position:
    """What is remembered of the workers' connector."""
    found = positions.latest(read_topic(bootstrap, POSITIONS.name))
    return found.get("texts", positions.Position())
