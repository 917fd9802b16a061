"""Where records stand, as a connector from a sample has it: read, never made up."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import scaffold_samples
import yaml
from typer.testing import CliRunner

from hub.cli.app import app
from hub.connect.scaffold.document import Place, document
from hub.connect.scaffold.plan import Plan, plan
from hub.connect.scaffold.pseudonyms import Faker
from hub.connect.scaffold.readme import warnings
from hub.connect.scaffold.sample import look

run = CliRunner()


def stands(tmp_path: Path, name: str, values: Sequence[str], column: str = "State") -> Plan:
    """The plan of tags that say no more than their number, a day, and where they stand."""
    rows = "".join(f"T-{n},2025-01-0{n % 9 + 1},{one}\n" for n, one in enumerate(values))
    path = tmp_path / "rows.csv"
    path.write_text(f"Tag No,Issued,{column}\n{rows}")
    return plan(name, look(path))


def test_codes_that_nobody_knows_are_a_table_to_fill_in(tmp_path: Path) -> None:
    """No status is made up: all codes stand in the table, events say UNKNOWN and the source's."""
    sample = scaffold_samples.tags(tmp_path / "dog_tags.csv")
    command = ["connector", "new", "dog_tags", "--from", str(sample), "--into", str(tmp_path)]
    done = run.invoke(app, [*command, "-o", "json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["look_at"][0].startswith("State has 3 of 3 codes whose meaning")
    home = tmp_path / "dog_tags"
    parts = yaml.safe_load((home / "mapping.yaml").read_text())
    assert parts["tables"] == {"status": {"A": "UNKNOWN", "L": "UNKNOWN", "W": "UNKNOWN"}}
    licence = parts["events"][0]["body"]["licence"]
    assert licence["status"] == {"code": "State", "table": "status"}
    events = json.loads((home / "samples" / "dog_tags.expected.json").read_text())
    found = [one["body"]["licence"] for one in events]
    assert {one["status"] for one in found} == {"UNKNOWN"}
    assert {one["status_text"] for one in found} == {"A", "L", "W"}


@pytest.mark.parametrize(
    ("values", "table"),
    [
        (["1", "2"] * 8, {"1": "UNKNOWN", "2": "UNKNOWN"}),
        (["10001", "10002"] * 8, {"10001": "UNKNOWN", "10002": "UNKNOWN"}),
        (["Y", "N"] * 8, {"Y": "UNKNOWN", "N": "UNKNOWN"}),
        (["active", "not valid"] * 8, {"active": "issued", "not valid": "UNKNOWN"}),
        (["lapsed", *(f"told Mr {c} Ek" for c in "abcdefghijk")], {"lapsed": "expired"}),
        ([f"told Mr {c} Ek" for c in "abcdefghijkl"], None),
        ([""] * 12, None),
    ],
)
def test_no_status_is_the_same_for_all_where_a_column_says_it(
    tmp_path: Path, values: list[str], table: dict[str, str] | None
) -> None:
    """Numbers, letters, sentences or nothing yet: it is read, and what is not sure is told."""
    one = stands(tmp_path, "dog_tags", values)
    parts = document(one, Place("Office"))
    read = {"code": "State"} if table is None else {"code": "State", "table": "status"}
    assert parts["events"][0]["body"]["licence"]["status"] == read
    assert parts.get("tables", {}).get("status") == table
    told = " ".join(warnings(one, keep_values=False))
    assert ("State says where" in told) == (table is None)
    fakes = [Faker(one).record(record, flat=True)["State"] for record in one.sample.records]
    coded = len(set(values)) < 3
    assert (fakes == values) == coded


def test_what_is_the_same_for_all_is_to_be_looked_at(tmp_path: Path) -> None:
    """Where no column says it, a constant is written, and told first."""
    one = stands(tmp_path, "dog_tags", ["red", "blue"] * 8, "Colour")
    assert document(one, Place("Office"))["events"][0]["body"]["licence"]["status"] == {
        "constant": "issued"
    }
    first, second, *_ = warnings(one, keep_values=False)
    assert "`status` is `issued` for each of them, also for those that have ended" in first
    assert "`licence_class` is `business`, `application_type` is `issue`" in second


def test_an_event_that_has_no_status_says_so(tmp_path: Path) -> None:
    """An award that was taken back is an award to the mapping, until somebody looks."""
    one = stands(tmp_path, "awards_awarded_recipients", ["given", "taken back"] * 8)
    assert one.event == "AwardGranted"
    assert warnings(one, keep_values=False)[0].startswith(
        "State says where a record stands, and AwardGranted does not"
    )
    assert document(one, Place("Office"))["extra"] == ["State"]
