"""What tests of connectors share: a reading of a source, the real files, recorded samples."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hub.connect.conformance.recorded import plain_draft
from hub.connect.contract import Change, Connector, Draft, LeftOut, Unchanged, Unreadable
from hub.connect.publish import Publisher
from hub.errors import UnreadableRecord

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared" / "data"


@dataclass
class Reading:
    """All that a source told, and what the connector made of it."""

    rows: int = 0
    same: int = 0
    drafts: list[Draft] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    raw: list[bytes] = field(default_factory=list)
    positions: list[tuple[int, str]] = field(default_factory=list)
    last: str | None = None

    @property
    def events(self) -> Counter[str]:
        """How many drafts there are of each event."""
        return Counter(type(draft.body).__name__ for draft in self.drafts)

    def figures(self) -> str:
        """One line for the test report."""
        return (
            f"rows {self.rows}, events {dict(self.events)}, left out {dict(self.left_out)},"
            f" quarantined {dict(self.quarantined)}"
        )


def read(connector: Connector, settings: Any, after: str | None = None, stop: int = -1) -> Reading:
    """Read a source as the runtime does, at most `stop` items; `after` is where to go on."""
    assert connector.changes is not None
    publisher = Publisher(connector, b"k" * 32, None, None)  # type: ignore[arg-type]
    said = Reading(last=after)
    for number, item in enumerate(connector.changes(settings, after)):
        if number == stop:
            break
        take(publisher, item, said)
        if item.position is not None:
            said.last = item.position
            said.positions.append((number + 1, item.position))
    return said


def take(publisher: Publisher, item: Any, said: Reading) -> None:
    """Count what one item of a source means."""
    if isinstance(item, Unchanged):
        said.rows += item.count
        said.same += item.count
        return
    said.rows += 1
    said.raw.append(item.raw)
    if isinstance(item, Unreadable):
        said.quarantined[item.error.code] += 1
        return
    assert isinstance(item, Change)
    try:
        made = publisher.drafts(item)
    except UnreadableRecord as error:
        said.quarantined[error.code] += 1
        return
    if isinstance(made, LeftOut):
        said.left_out[made.rule] += 1
    elif not made:
        said.same += 1
    else:
        said.drafts += made


@pytest.fixture
def reading() -> Callable[..., Reading]:
    """The function that reads a source."""
    return read


@pytest.fixture
def real() -> Path:
    """The folder of real sample files; skips where it is not beside the checkout."""
    if not REAL.is_dir():
        pytest.skip("no real sample files beside the checkout")
    return REAL


@pytest.fixture
def samples() -> Callable[[str], Path]:
    """The folder of a department's recorded samples."""
    return lambda department: ROOT / "connectors" / department / "samples"


@pytest.fixture
def expected() -> Callable[[Path], Any]:
    """The events recorded beside a sample."""
    return lambda path: json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def told() -> Callable[[list[Draft]], list[dict[str, Any]]]:
    """Drafts in the form of the recorded events."""
    return lambda drafts: [plain_draft(draft) for draft in drafts]
