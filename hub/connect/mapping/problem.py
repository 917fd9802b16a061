"""What is wrong with a mapping: where, what, and what to do."""

import difflib
from collections.abc import Iterable
from typing import Literal, NamedTuple

Level = Literal["error", "warning"]


class Mark(NamedTuple):
    """A place in a document, counted from 1 as editors do."""

    line: int
    column: int


class Problem(NamedTuple):
    """One thing that is wrong; with a `warning` the mapping can be used all the same."""

    line: int
    column: int
    what: str
    remedy: str
    level: Level = "error"

    def text(self) -> str:
        """The place and what is wrong, in one line."""
        return f"line {self.line}, column {self.column}: {self.what}"


class Report:
    """Gathers the problems of a document."""

    def __init__(self) -> None:
        """Nothing is wrong yet."""
        self._found: set[Problem] = set()

    def error(self, at: Mark, what: str, remedy: str) -> None:
        """The mapping cannot be used."""
        self._found.add(Problem(*at, what, remedy))

    def warning(self, at: Mark, what: str, remedy: str) -> None:
        """A person should look."""
        self._found.add(Problem(*at, what, remedy, "warning"))

    def unknown(self, at: Mark, name: str, kind: str, known: Iterable[str]) -> None:
        """A name nobody knows, with the nearest known one."""
        self.error(at, f"{shown(name)} is no {kind}", nearest(name, known))

    def problems(self) -> list[Problem]:
        """All of them, by line."""
        return sorted(self._found)


def nearest(name: str, known: Iterable[str]) -> str:
    """Which known name is meant, or which there are."""
    names = sorted(set(known))
    meant = near(name, names)
    if meant:
        return f"did you mean {meant}?"
    return f"one of: {', '.join(names)}" if names else "leave it out"


def near(name: str, known: Iterable[str], share_min: float = 0.6) -> str:
    """The nearest known name; empty where none has this share of its letters."""
    found = difflib.get_close_matches(name[:NAME_SHOWN], list(known), 1, share_min)
    return found[0] if found else ""


NAME_SHOWN = 60


def shown(text: str) -> str:
    """A name out of a document as it may stand in a line."""
    text = " ".join(text.split())
    return repr(text if len(text) <= NAME_SHOWN else f"{text[:NAME_SHOWN]}...")
