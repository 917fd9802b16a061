"""Files of people as somebody has them: other separators, columns and orders of dates."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.cli.app import app
from hub.errors import SettingsError
from hub.identity.dataset import load
from hub.identity.organisation_dataset import ORGANISATIONS

ROWS = (
    ("Vorname", "Nachname", "Geburtsdatum", "PLZ", "cluster"),
    ("Jürgen", "Müller", "24.12.1961", "40037", "a"),
    ("Jurgen", "Mueller", "24.12.1961", "40037", "a"),
    ("Anna", "Koch", "03.04.1980", "40111", "b"),
    ("Anna", "Koch", "04.03.1980", "40999", ""),
)


def written(folder: Path, separator: str = ";", encoding: str = "utf-8-sig") -> Path:
    """A file of the rows."""
    path = folder / "people.csv"
    path.write_bytes("\r\n".join(separator.join(row) for row in ROWS).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_what_separates_and_what_encodes_is_seen(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    """The same records come from each; the order of dates is seen from those that tell."""
    found = load(written(tmp_path, separator, encoding))
    assert found.records["1"].names[0].given == ("jurgen",)
    assert [one.births for one in found.records.values()] == [
        ("1961-12-24",), ("1961-12-24",), ("1980-04-03",), ("1980-03-04",)
    ]  # fmt: skip
    assert found.columns["birth"] == "Geburtsdatum"


def test_a_row_without_an_entity_has_none_and_short_rows_lack_their_last_cells(
    tmp_path: Path,
) -> None:
    """Rows whose truth is not known are not all one person."""
    path = written(tmp_path)
    path.write_bytes(path.read_bytes() + b"\r\nOlga;Nowak")
    found = load(path)
    assert found.truth == {"1": "a", "2": "a", "3": "b"}
    assert (found.records["5"].names[0].surname, found.records["5"].births) == (("nowak",), ())


def test_a_file_of_firms_is_read_by_what_its_columns_are_called(tmp_path: Path) -> None:
    """Each column that is known is told with what it holds; of the others, that they are unread."""
    path = tmp_path / "firms.csv"
    path.write_text(
        "Firm;Trading As;Addr;Town;PLZ;Tel;Tax ID;Colour;cluster\n"
        "Acme Bakery LLC;Acme Bread;12 Oak St;Chicago;60601;312-867-5301;36-1234567;red;1\n"
    )
    found = load(path, layout=ORGANISATIONS)
    (record,) = found.records.values()
    assert record.phones == ("+13128675301",)
    assert record.identifiers == (("us-ein", "361234567"),)
    assert (record.places, record.postcodes) == (("chicago",), ("60601",))
    assert {("acme", "bakery"), ("acme", "bread")} <= {*record.names}
    assert found.unread == ["Colour"]


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("x1,x2,truth\n1,2,a\n", "no column is known", "x1, x2, truth"),
        ("", "no column is known", "--column"),
        ("id,name,truth\n7,Lott,a\n7,Lott,b\n", "called the same in the column 'id'", "record="),
        ("name\nAda Lott\n", "no column holds the true entity", "--truth"),
        ("name,truth\nAda\rLott,a\n", "no table", "CSV"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said(
    tmp_path: Path, text: str, message: str, remedy: str
) -> None:
    """With what to do about it; no value of a row is told."""
    path = tmp_path / "people.csv"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message) as found:
        load(path)
    assert remedy in found.value.remedy
    assert "Lott" not in str(found.value)


def test_evaluate_says_what_it_read_apart_from_its_figures(tmp_path: Path) -> None:
    """JSON alone on the output; the columns taken go to the other stream."""
    found = CliRunner().invoke(app, ["identity", "evaluate", str(written(tmp_path)), "-o", "json"])
    assert found.exit_code == 0
    assert json.loads(found.stdout)["records"] == 3
    assert "birth=Geburtsdatum" in found.stderr.replace("\n", "")
