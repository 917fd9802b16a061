"""The real sample files, read in place: every row becomes an event, a rule or quarantine."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from real_files import CASES, Case

from hub.canon.codec import Codec, wire_names
from hub.connect.publish import Publisher

POSITIONS_TRIED = 12


each_case = pytest.mark.parametrize("case", CASES, ids=[case.connector.name for case in CASES])


@each_case
def test_every_row_is_accounted_for(
    case: Case, real: Path, reading: Callable[..., Any], record_property: Callable[..., None]
) -> None:
    """As many rows as the file has, as many events as the file has dates, and no row in silence."""
    found = reading(case.connector, case.settings(real))
    print(f"{case.connector.name}: {found.figures()}")  # noqa: T201 - shown by pytest -rP
    record_property("figures", found.figures())
    assert found.rows == case.rows(real)
    assert dict(found.events) == case.events
    records = len({draft.record_key for draft in found.drafts})
    assert records + found.left_out.total() + found.quarantined.total() == found.rows
    assert reading(case.connector, case.settings(real), found.last).rows == 0


@each_case
def test_every_event_fits_its_schema(case: Case, real: Path, reading: Callable[..., Any]) -> None:
    """Each draft can be published, is read back as it was, and has an id of its own."""
    codec = Codec({name: number for number, name in enumerate(wire_names(), 1)})
    publisher = Publisher(case.connector, b"k" * 32, codec, None)  # type: ignore[arg-type]
    drafts = reading(case.connector, case.settings(real)).drafts
    prepared = publisher.prepare(drafts, 1, "b1")
    assert len({dict(one.headers)["ce_id"] for one in prepared}) == len(drafts)
    for draft, one in zip(drafts, prepared, strict=True):
        event = codec.decode(one.value)
        assert event.body == draft.body  # type: ignore[union-attr]


@each_case
def test_stopped_anywhere_the_rest_follows(
    case: Case, real: Path, reading: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading stopped after any position goes on with exactly the rest."""
    monkeypatch.setattr("hub.connect.sources.csv_snapshots.ROWS_BETWEEN_POSITIONS", 40)
    whole = reading(case.connector, case.settings(real))
    step = max(1, len(whole.positions) // POSITIONS_TRIED)
    for count, position in whole.positions[::step]:
        first = reading(case.connector, case.settings(real), stop=count)
        rest = reading(case.connector, case.settings(real), position)
        assert Counter(map(repr, first.drafts + rest.drafts)) == Counter(map(repr, whole.drafts))
        assert first.raw + rest.raw == whole.raw
