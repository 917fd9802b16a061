"""The books of a connector: every record read is accounted for, exactly once."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Self


@dataclasses.dataclass(frozen=True)
class Books:
    """Records by what became of them, and the events they gave.

    `read = published + quarantined + duplicate + filtered` at any time. `duplicate` are records
    that say what they said before; `filtered` are left out by a rule, whose names are the keys.
    """

    read: int = 0
    published: int = 0
    quarantined: int = 0
    duplicate: int = 0
    filtered: Mapping[str, int] = dataclasses.field(default_factory=dict)
    events: int = 0

    @property
    def balanced(self) -> bool:
        """Whether no record is missing from the account or stands in it twice."""
        accounted = self.published + self.quarantined + self.duplicate
        return self.read == accounted + sum(self.filtered.values())

    def add(self, other: Self) -> Self:
        """The sum of two books."""
        rules = {*self.filtered, *other.filtered}
        return type(self)(
            self.read + other.read,
            self.published + other.published,
            self.quarantined + other.quarantined,
            self.duplicate + other.duplicate,
            {rule: self.filtered.get(rule, 0) + other.filtered.get(rule, 0) for rule in rules},
            self.events + other.events,
        )

    def since(self, earlier: Self) -> Self:
        """What was added after `earlier`; rules that counted nothing since are left out."""
        later = {rule: n - earlier.filtered.get(rule, 0) for rule, n in self.filtered.items()}
        return type(self)(
            self.read - earlier.read,
            self.published - earlier.published,
            self.quarantined - earlier.quarantined,
            self.duplicate - earlier.duplicate,
            {rule: count for rule, count in later.items() if count},
            self.events - earlier.events,
        )

    def as_record(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**dataclasses.asdict(self), "filtered": dict(sorted(self.filtered.items()))}

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Self:
        """The books in a position record."""
        return cls(**record)
