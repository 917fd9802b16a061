"""Every check is failed by a connector that breaks its promise, and by no other."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import connectors_that_fail
import pytest
from connectors_that_fail import (
    NAIVE,
    ONE_EACH,
    PUSHED,
    PUSHED_AND_FAILS,
    at_the_time,
    drafts,
    opened,
)
from office import DOGS, lines, standing

from hub.connect.conformance import sourcing, stands
from hub.connect.conformance.outcome import Check, Outcome
from hub.connect.conformance.reading import whole
from hub.connect.conformance.recorded import plain_draft
from hub.connect.conformance.stand import Subject
from hub.connect.conformance.suite import CHECKS, examine, run
from hub.connect.contract import Connector


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """What a connector leaves open is closed after the test."""
    yield
    while opened:
        opened.pop().close()


def subject(
    connector: Connector, journal: list[bytes] | None = None, *, as_good: bool = False
) -> Subject:
    """A connector with the events recorded that it gives, or those of the good one."""
    stand = standing(connector, journal or lines())
    like = standing(DOGS, journal or lines()) if as_good else stand
    said = whole(Subject(DOGS if as_good else connector, like))
    expected = [plain_draft(draft) for told in said for draft in told.drafts]
    return Subject(connector, stand, expected)


def test_the_good_connector_keeps_every_promise() -> None:
    """No check fails and none is skipped: all apply to it."""
    found = list(examine(subject(DOGS)))
    assert {one.outcome for one in found} == {Outcome.PASSED}, found
    assert [one.check for one in found] == [check.name for check in CHECKS]


@pytest.mark.parametrize(
    ("name", "connector", "given"),
    ONE_EACH,
    ids=[f"{name}-{n}" for n, (name, _, _) in enumerate(ONE_EACH)],
)
def test_a_broken_promise_fails_its_check_alone(
    name: str, connector: Connector, given: dict[str, Any]
) -> None:
    """Exactly that check fails, says where and what to do, and all others pass."""
    found = list(examine(subject(connector, **given)))
    failed = [one for one in found if one.outcome is Outcome.FAILED]
    assert [one.check for one in failed] == [name], failed
    assert all((one.what, one.where, one.remedy) for one in failed)
    assert [one for one in found if one.outcome is Outcome.SKIPPED] == []


def pushed(connector: Connector, folder: Path) -> Subject:
    """A connector that is pushed to, its samples being calls."""
    made = [{"path": "dogs", "body": json.loads(line)} for line in lines()]
    (folder / "calls.json").write_text(json.dumps(made))
    settings = {"password_file": "password"}
    (folder / "password").write_text("sesame-open-up")
    stand = stands.calls(connector, [folder / "calls.json"], settings, {})
    drafts = [draft for told in whole(Subject(connector, stand)) for draft in told.drafts]
    return Subject(connector, stand, [plain_draft(draft) for draft in drafts])


def test_a_pushed_connector_is_asked_what_fits(tmp_path: Path) -> None:
    """What only a reading can break is skipped with its reason; all else applies."""
    found = list(examine(pushed(PUSHED, tmp_path)))
    assert [one for one in found if one.outcome is Outcome.FAILED] == []
    skipped = {one.check: one.what for one in found if one.outcome is Outcome.SKIPPED}
    assert set(skipped) == {
        *("resume", "again", "versions", "stops", "unavailable", "acknowledges")
    }
    assert all(skipped.values())


@pytest.mark.parametrize(("name", "connector"), PUSHED_AND_FAILS)
def test_a_pushed_connector_fails_its_check_alone(
    name: str, connector: Connector, tmp_path: Path
) -> None:
    """The checks that fit find what they should."""
    found = examine(pushed(connector, tmp_path))
    assert [one.check for one in found if one.outcome is Outcome.FAILED] == [name]


@pytest.mark.parametrize(("way", "told"), [(0, "or is understood"), (1, "UnicodeDecodeError")])
def test_a_file_read_by_a_quick_script_is_found_out(
    tmp_path: Path, way: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows with surplus cells that pass for good ones, and a byte that ends the whole reading."""
    columns = list(json.loads(lines()[0]))
    rows = [[str(value) for value in json.loads(line).values()] for line in lines()]
    text = "\n".join(",".join(cells) for cells in [columns, *rows]) + "\n"
    (tmp_path / "a.csv").write_text(text)
    stand = stands.folder(NAIVE, tmp_path, [tmp_path / "a.csv"], {"folder": "."})
    all_ways = stands._ways
    monkeypatch.setattr(stands, "_ways", lambda raw, context: all_ways(raw, context)[way:])
    broken = next(check for check in CHECKS if check.name == "broken")
    found = run(broken, Subject(NAIVE, stand))
    assert (found.outcome, told in found.what) == (Outcome.FAILED, True), found


def test_there_is_a_hostile_connector_for_each_check() -> None:
    """A check that nothing can fail proves nothing."""
    assert {name for name, _, _ in ONE_EACH} == {check.name for check in CHECKS}


def test_a_version_of_the_time_is_seen() -> None:
    """An identifier that is another one at each reading fails, whatever else it breaks."""
    failed = {
        one.check for one in examine(subject(drafts(at_the_time))) if one.outcome == Outcome.FAILED
    }
    assert {"identities", "repeatable", "resume"} <= failed


def test_a_reading_that_waits_for_ever_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A close that does not return fails its check, and a check that does not end has failed."""
    monkeypatch.setattr(sourcing, "CLOSE_S_MAX", 0.05)
    waiting = connectors_that_fail.waits_at_its_end()
    stops = next(check for check in CHECKS if check.name == "stops")
    found = run(stops, subject(waiting))
    assert (found.outcome, "takes longer" in found.what) == (Outcome.FAILED, True)
    slow = Check("slow", "ends", lambda _: connectors_that_fail.wait(), limit_s=0.05)
    assert run(slow, subject(DOGS)).what == "not done after 0 s"
