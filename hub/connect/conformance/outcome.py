"""What a check is, and what it finds."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, NoReturn

from hub.connect.conformance.stand import Subject

LIMIT_S = 30.0


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Result(NamedTuple):
    """What one check found: where it failed and what to do, or why it was skipped."""

    check: str
    outcome: Outcome
    what: str = ""
    where: str = ""
    remedy: str = ""


class Check(NamedTuple):
    """One promise of the contract: `proves` in a line; `run` raises Failed or Skipped, or returns.

    A check that takes longer than `limit_s` seconds has failed.
    """

    name: str
    proves: str
    run: Callable[[Subject], None]
    limit_s: float = LIMIT_S


class Failed(Exception):
    """The promise is broken: what, where in the samples, and the remedy."""

    def __init__(self, what: str, where: str, remedy: str) -> None:
        """All three without values of a record."""
        super().__init__(what)
        self.result = (what, where, remedy)


class Skipped(Exception):
    """The promise does not apply to this connector, or these samples cannot show it."""


def fail(what: str, where: str, remedy: str) -> NoReturn:
    """The check has failed."""
    raise Failed(what, where, remedy)


def skip(reason: str) -> NoReturn:
    """The check does not apply."""
    raise Skipped(reason)
