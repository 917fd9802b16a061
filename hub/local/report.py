"""What came of a demo: the books, how well people and businesses were matched, and why."""

from typing import Any, NamedTuple

from hub.identity.accuracy import Accuracy
from hub.identity.words import Words
from hub.local.truth import Bar, Matched, bars
from hub.operations.books import Account

LINK, REFUSAL, WAITING = "link", "refusal", "pair that waits"
PLACES = 4


class Told(NamedTuple):
    """Why two subjects are one or not: which they are, and what a caseworker reads.

    `lacking` is what the explanation ought to say and does not.
    """

    what: str
    named: tuple[str, str]
    words: Words
    lacking: tuple[str, ...]


class Report(NamedTuple):
    """Everything the demo has to show for itself."""

    seconds: float
    accounts: list[Account]
    balanced: bool
    matched: list[Matched]
    told: list[Told]
    failures: list[str]

    @property
    def bars(self) -> list[Bar]:
        """What must be reached, and what was."""
        return bars(self.matched)

    @property
    def problems(self) -> list[str]:
        """What is not as it must be, each in a sentence; empty where the demo is good."""
        return [
            *self.failures,
            *(["The books do not balance."] if not self.balanced else []),
            *(
                f"{one.truthless} {one.kind} records are of nobody the departments know."
                for one in self.matched
                if one.truthless
            ),
            *(
                f"Missed: {one.name} is {one.reached:.{PLACES}f}, {one.least} is needed."
                for one in self.bars
                if not one.is_met
            ),
            *(
                f"There is no {what} that could be explained."
                for what in (LINK, REFUSAL, WAITING)
                if all(one.what != what for one in self.told)
            ),
            *(
                f"The explanation of a {one.what} lacks {' and '.join(one.lacking)}."
                for one in self.told
                if one.lacking
            ),
        ]


def figures(accuracy: Accuracy) -> dict[str, Any]:
    """The figures of a partition as plain values, shares to four places."""
    scores = {"pairwise": accuracy.pairs, "b_cubed": accuracy.b_cubed}
    return {
        "records": accuracy.records,
        "entities": accuracy.entities,
        **{f"{name}_precision": round(score.precision, PLACES) for name, score in scores.items()},
        **{f"{name}_recall": round(score.recall, PLACES) for name, score in scores.items()},
        "exact_entities": round(accuracy.exact, PLACES),
    }


def matching(matched: list[Matched]) -> list[dict[str, Any]]:
    """How well each kind was matched, as rows: every record, and those that tell enough."""
    found: list[dict[str, Any]] = []
    for one in matched:
        found.append({"kind": one.kind, "of": "every record", **figures(one.every)})
        if one.telling != one.every:
            told = figures(one.telling)
            found.append({"kind": one.kind, "of": "two facts or more", **told})
    return found
