"""How far the snapshots of a folder are told: which were taken, and which is being compared."""

import dataclasses
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hub.connect.sources.folder import digest_of


class Snapshot(NamedTuple):
    """A file by name and content; `ordinal` grows with each file of its kind."""

    file: str
    digest: str
    ordinal: int


@dataclasses.dataclass(frozen=True)
class At:
    """A place: the last snapshot taken of each kind, and how far the comparison of `now` is.

    `row` rows of it are done, then `gone` withdrawals. `refused` has the digests of files that were
    refused and are still there, by name.
    """

    taken: Mapping[str, Snapshot] = dataclasses.field(default_factory=dict)
    refused: Mapping[str, str] = dataclasses.field(default_factory=dict)
    kind: str = ""
    now: Snapshot | None = None
    row: int = 0
    gone: int = 0

    def text(self, row: int, gone: int = 0) -> str:
        """The position after so many rows and withdrawals."""
        parts = {"kind": self.kind, "now": self.now, "row": row, "gone": gone}
        return json.dumps({**self._known(), **parts}, separators=(",", ":"))

    def finished(self) -> "At":
        """The place after the comparison."""
        taken = self.taken if self.now is None else {**self.taken, self.kind: self.now}
        return At(taken, self.refused)

    def between_text(self) -> str:
        """The position between two comparisons."""
        return json.dumps(self._known(), separators=(",", ":"))

    def refusing(self, path: Path, there: Collection[str]) -> "At":
        """The place after a file that is refused; refused ones that are no longer there go."""
        kept = {name: digest for name, digest in self.refused.items() if name in there}
        return dataclasses.replace(self, refused={**kept, path.name: digest_of(path)})

    def _known(self) -> dict[str, Any]:
        refused = {"refused": self.refused} if self.refused else {}
        return {"taken": self.taken, **refused}


def place(text: str | None) -> At:
    """The place that a position names; the beginning for None."""
    if text is None:
        return At()
    parts = json.loads(text)
    taken = {kind: Snapshot(*found) for kind, found in parts["taken"].items()}
    at = At(taken, parts.get("refused", {}))
    if "now" not in parts:
        return at
    now = Snapshot(*parts["now"])
    return dataclasses.replace(
        at, kind=parts["kind"], now=now, row=parts["row"], gone=parts["gone"]
    )
