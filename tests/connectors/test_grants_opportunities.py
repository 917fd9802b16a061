"""Grant opportunities: tables joined, drafts left out, markup taken off."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.grants.opportunities import CONNECTOR, Settings
from hub.canon.model import OpportunityPosted, OpportunityStatus
from hub.connect import lint
from hub.connect.contract import Change, Draft
from hub.connect.mapping.functions import WORDS_CHARACTERS_MAX, words
from hub.connect.sources.reread import reread
from hub.errors import ContractBreach, SourceUnavailable


@pytest.fixture
def folder(tmp_path: Path, samples: Callable[[str], Path]) -> Path:
    """A copy of the recorded extracts."""
    return Path(shutil.copytree(samples("grants") / "opportunities", tmp_path / "extracts"))


def replace(path: Path, old: str, new: str) -> None:
    """Change an extract."""
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new))
    os.utime(path, (1_700_000_000, 1_700_000_000))


def test_samples_mean_what_was_recorded(
    folder: Path,
    samples: Callable[[str], Path],
    expected: Callable[[Path], Any],
    told: Callable[[list[Draft]], Any],
    reading: Callable[..., Any],
) -> None:
    """The recorded extracts give exactly the recorded events, and the draft none."""
    found = reading(CONNECTOR, Settings(folder))
    assert told(found.drafts) == expected(samples("grants") / "opportunities.expected.json")
    assert dict(found.left_out) == {"draft opportunity": 1}
    assert reading(CONNECTOR, Settings(folder), found.last).rows == 0


def test_a_status_alone_makes_a_later_version(folder: Path, reading: Callable[..., Any]) -> None:
    """Where only the current status moves on, the event has a later version."""
    first = reading(CONNECTOR, Settings(folder))
    current = folder / "current_opportunity_summary.csv"
    replace(current, ",2,2026-01-02 10:00:00+00,2026-01-07", ",1,2026-01-02 10:00:00+00,2026-02-07")
    second = reading(CONNECTOR, Settings(folder), first.last)
    body = second.drafts[0].body
    assert isinstance(body, OpportunityPosted)
    assert body.status is OpportunityStatus.FORECASTED
    assert second.drafts[0].record_version > first.drafts[0].record_version
    assert second.drafts[1].record_version == first.drafts[1].record_version


def test_a_quarantined_opportunity_comes_back_whole(folder: Path) -> None:
    """The original of a record holds all that was joined, so a replay says the same."""
    assert CONNECTOR.changes is not None
    change = next(iter(CONNECTOR.changes(Settings(folder), None)))
    assert isinstance(change, Change)
    again = change._replace(record=reread(change.raw, change.context))
    assert list(CONNECTOR.translate(again)) == list(CONNECTOR.translate(change))


def test_a_broken_summary_is_not_no_summary(folder: Path, reading: Callable[..., Any]) -> None:
    """Where the summary's row cannot be read, its opportunity goes to quarantine."""
    replace(folder / "opportunity_summary.csv", "sum-1,op-1,", "sum-1,op-1,surplus,")
    found = reading(CONNECTOR, Settings(folder))
    assert dict(found.quarantined) == {"E-COLUMNS": 1}
    keys = {draft.record_key for draft in found.drafts}
    assert "opportunity/op-3" in keys
    assert "opportunity/op-1" not in keys


def test_an_extract_that_is_missing_or_wrong(folder: Path, reading: Callable[..., Any]) -> None:
    """A missing table is waited for; one without its key is refused."""
    replace(folder / "lk_opportunity_status.csv", "opportunity_status_id", "id")
    with pytest.raises(ContractBreach, match="E-FILE"):
        reading(CONNECTOR, Settings(folder))
    (folder / "lk_opportunity_status.csv").unlink()
    with pytest.raises(SourceUnavailable, match="lk_opportunity_status"):
        reading(CONNECTOR, Settings(folder))


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("<p>a</p><p>b</p>", "a b"),
        ("wo<b>rd</b> &amp; &lt;tag&gt;", "word & <tag>"),
        ("a < b and c > d", "a < b and c > d"),
        ("x<script>alert('1')</script><style>p{}</style>y", "x y"),
        ("  ", None),
    ],
)
def test_markup_is_taken_off(markup: str, said: str | None) -> None:
    """Only the words stay; scripts have none."""
    assert words(markup) == said


def test_a_text_is_bounded() -> None:
    """A very long or hostile description is cut, in time that does not explode."""
    assert len(words("w" * 1_000_000) or "") == WORDS_CHARACTERS_MAX
    assert len(words("<" * 500_000) or "") <= WORDS_CHARACTERS_MAX


def test_the_connector_is_sound() -> None:
    """Its name, domain, events and settings pass the hub's own check."""
    assert lint.problems(CONNECTOR) == []
