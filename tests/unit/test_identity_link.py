"""Linking files of agencies: clear ones and ones of tokens, and what is refused."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import crowd
from typer.testing import CliRunner

from hub.cli.app import app
from hub.errors import SettingsError
from hub.identity.blind import RULES, Blinder
from hub.identity.blind_file import LINE_BYTES_MAX, PARTS_MAX, read_tokens
from hub.identity.blind_vectors import as_plain
from hub.identity.dataset import record

ROWS = {
    "grants": [("1", "Maria", "Garcia", "1980-03-04"), ("2", "Olga", "Nowak", "1971-11-02")],
    "licensing": [("7", "Mariah", "Garcia", "1980-03-04"), ("2", "John", "Lott", "1969-01-31")],
}
ENTITIES = {("grants", "1"), ("licensing", "7")}
KEY = b"k" * 32


def told(*arguments: object) -> tuple[Any, str]:
    """What a command says as JSON, and on the other stream."""
    found = CliRunner().invoke(
        app, ["identity", *map(str, arguments), "-o", "json"], catch_exceptions=False
    )
    return json.loads(found.stdout), found.stderr


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A file of each agency."""
    paths = []
    for agency, rows in ROWS.items():
        path = tmp_path / f"{agency}.csv"
        path.write_text(
            "id,first_name,last_name,dob\n" + "".join(f"{','.join(row)}\n" for row in rows)
        )
        paths.append(path)
    return paths


def tokens(files: list[Path], key: bytes = KEY) -> list[Path]:
    """What each agency sends in the place of its file."""
    secret = files[0].parent / "key"
    secret.write_bytes(key)
    found = []
    for path in files:
        made_of = CliRunner().invoke(
            app, ["identity", "blind", str(path), "--key-file", str(secret)], catch_exceptions=False
        )
        found.append(path.with_suffix(".jsonl"))
        found[-1].write_text(made_of.stdout)
    return found


@pytest.mark.parametrize("send", [lambda files: files, tokens], ids=["clear", "tokens"])
def test_files_of_agencies_are_linked(
    files: list[Path], tmp_path: Path, send: Callable[[list[Path]], list[Path]]
) -> None:
    """Clear or as tokens; records of one name in two agencies are not mixed up."""
    out = tmp_path / "out.csv"
    figures, _ = told("link", *send(files), "--out", out)
    assert (figures["records"], figures["entities"]) == (4, 3)
    assert (figures["linked_records"], figures["entities_across_agencies"]) == (2, 1)
    entity_of = {(row["agency"], row["record_id"]): row["entity_id"] for row in table(out)}
    assert {one for one, entity in entity_of.items() if entity == "grants/1"} == ENTITIES
    assert len(entity_of) == 4


def test_the_order_of_files_does_not_matter(files: list[Path], tmp_path: Path) -> None:
    """The same bytes for both."""
    told("link", *files, "--out", tmp_path / "a.csv")
    told("link", *files[::-1], "--out", tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_pairs_for_a_person_are_written_with_why(tmp_path: Path) -> None:
    """Twins with one telephone: near, and a rule keeps them apart."""
    path, review = tmp_path / "registry.csv", tmp_path / "review.csv"
    path.write_text(
        "id,first_name,last_name,dob,phone\n"
        "1,Anna,Zylberkranz,1980-03-04,9077436858\n2,Emma,Zylberkranz,1980-03-04,9077436858\n"
    )
    figures, _ = told("link", path, "--out", tmp_path / "out.csv", "--review", review)
    (row,) = table(review)
    assert figures["possible_links"] == 1
    assert {(row["agency"], row["record_id"]), (row["other_agency"], row["other_record_id"])} == {
        ("registry", "1"),
        ("registry", "2"),
    }
    assert row["why"] == "other_given_name"


def test_tokens_under_another_key_meet_nobody(files: list[Path], tmp_path: Path) -> None:
    """The agencies need to share the key."""
    sent = [*tokens(files[:1], b"a" * 32), *tokens(files[1:], b"b" * 32)]
    assert told("link", *sent, "--out", tmp_path / "out.csv")[0]["entities"] == 4


def test_all_of_a_set_comes_back_from_its_file(tmp_path: Path) -> None:
    """Each record of tokens is read as it was made, gzipped too."""
    blinder = Blinder(KEY)
    some = {name: blinder.record(one)._replace(agency="") for name, one in crowd(200, 1).items()}
    path = tmp_path / "some.jsonl.gz"
    with gzip.open(path, "wt") as file:
        for name, one in some.items():
            line = {"record_id": name, "rules": RULES, **as_plain(one)}
            file.write(json.dumps(line) + "\n")
    found = read_tokens(path)
    assert found.keys() == some.keys()
    assert all(tuple(found[name]) == tuple(one) for name, one in some.items())


def good() -> dict[str, Any]:
    """A record of tokens with every field."""
    values = {"given": "Robert", "middle": "J", "surname": "O'Neil", "suffix": "Jr.", "sex": "m"}
    values |= {"birth": "1980-03-04", "ssn": "536-90-4399", "street": "12 Oak St", "region": "IL"}
    values |= {"postcode": "62704", "phone": "(907) 743-6858", "email": "b@mail.example"}
    return {
        "record_id": "1",
        "rules": RULES,
        **as_plain(Blinder(KEY).record(record({**values, "place": "Springfield"}))),
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"names": [{"given": [{"whole": "maria", "initial": "m"}]}]}, "not a token"),
        ({"sexes": ["m"]}, "not a token"),
        ({"names": [{}]}, "no word"),
        ({"names": [{"given": [{}]}]}, "lacks whole"),
        ({"births": [{"whole": "0" * 24}]}, "lacks year"),
        ({"names": {}}, "no list"),
        ({"sexes": ["0" * 24] * (PARTS_MAX + 1)}, "no list"),
        ({"identifiers": [["us-ssn"]]}, "without its scheme"),
        ({"identifiers": [["Maria G", {"whole": "0" * 24}]]}, "name of a scheme"),
        ({"colour": "red"}, "other parts"),
        ({"agency": "grants"}, "other parts"),
        ({"rules": "blind-0"}, f"rules {RULES}"),
        ({"record_id": ""}, "record_id"),
        ({"record_id": 7}, "record_id"),
        ({"record_id": "x" * 201}, "record_id"),
    ],
)
def test_what_is_no_record_of_tokens_is_refused(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    """With the line, and nothing of what it holds: a clear value sent by a slip is not told on."""
    path = tmp_path / "grants.jsonl"
    path.write_text(
        "\n".join(json.dumps(one) for one in (good(), {**good(), "record_id": "2", **change}))
    )
    with pytest.raises(SettingsError, match=said) as found:
        read_tokens(path)
    assert "line 2" in found.value.message
    assert "maria" not in found.value.message.lower()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"{", "no JSON"),
        (b"[1]", "no object"),
        (b'{"a":' * 100_000, "longer than"),
        (b"[" * 100_000, "no JSON"),
        (b'{"record_id": "' + b"x" * LINE_BYTES_MAX + b'"}', "longer than"),
        (b"\x1f\x8b no gzip", "cannot be read"),
        (gzip.compress(b"{}", mtime=0)[:-9], "cannot be read"),
        (gzip.compress(b"{}" * 99, mtime=0)[:10] + b"\xff" * 20, "cannot be read"),
    ],
)
def test_a_file_that_is_none_of_tokens_is_refused(
    tmp_path: Path, content: bytes, said: str
) -> None:
    """Cut off, nested without end, one endless line."""
    path = tmp_path / "grants.jsonl"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=said):
        read_tokens(path)


def test_a_record_told_twice_is_refused(tmp_path: Path) -> None:
    """Which of them is meant nobody knows."""
    path = tmp_path / "grants.jsonl"
    path.write_text(f"{json.dumps(good())}\n" * 2)
    with pytest.raises(SettingsError, match="there before"):
        read_tokens(path)


anything = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.just("0" * 24),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.sampled_from(sorted(good())), anything)
def test_no_line_breaks_more_than_itself(
    tmp_path_factory: pytest.TempPathFactory, field: str, value: Any
) -> None:
    """Whatever stands in a field: it is refused, or it is a record that can be linked."""
    path = tmp_path_factory.mktemp("lines") / "grants.jsonl"
    path.write_text(json.dumps({**good(), field: value}) + "\n")
    try:
        assert len(read_tokens(path)) == 1
    except SettingsError:
        return
    told("link", path, "--out", path.with_suffix(".csv"))


def test_what_cannot_be_linked_is_said_with_what_to_do(files: list[Path], tmp_path: Path) -> None:
    """Two files of one agency, clear ones beside tokens, two kinds, a folder that is not there."""
    out = tmp_path / "out.csv"
    firms = tmp_path / "firms.csv"
    firms.write_text("company,legal_form\nZorn,Inc\n")
    copy = tmp_path / "again" / "grants.csv"
    copy.parent.mkdir()
    copy.write_text(files[0].read_text())
    for given_files, to, said in (
        ([files[0], copy], out, "called the same"),
        ([files[0], tokens(files[1:])[0]], out, "some files are of tokens"),
        ([files[0], firms], out, "some as of organisations"),
        (files, tmp_path / "none" / "out.csv", "cannot be written"),
    ):
        with pytest.raises(SettingsError, match=said):
            told("link", *given_files, "--out", to)
    assert told("link", files[0], firms, "--out", out, "--kind", "organisation")[0]["records"] == 3
