"""What a mapping reads of tables in part: the rest is kept by its path, and told as drift."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mappings import JSON, claimed, errors, grants, said
from prometheus_client import REGISTRY

from hub.connect import mapping
from hub.connect.conformance.reading import publisher
from hub.connect.contract import Change, Draft, Record
from hub.connect.drift import EACH_ITEM, drifted
from hub.connect.mapping.build import TEXT_STEP, ItemList, found, plain
from hub.connect.mapping.unread import NAMES_MAX, tree_of, unread
from hub.connect.publish import Tally
from hub.errors import UnreadableRecord

CARD = {"card": {"type": "adult", "balance_cents": 250, "pin": "1234", "blank": ""}}
READS_TYPE = "texts: [{name: type, text: card.type}]"


def kept(text: str, row: dict[str, Any]) -> dict[str, str]:
    """The extra fields of a record by a document."""
    (draft,) = said(text, {"no": "1", **row})
    assert isinstance(draft, Draft)
    return dict(draft.claims.extra) if draft.claims is not None else {}


def test_the_rest_of_a_table_is_kept_by_its_path() -> None:
    """What stands beside a value that is read is an extra field; blanks are not."""
    text = grants(READS_TYPE, JSON)
    assert kept(text, CARD) == {"card.balance_cents": "250", "card.pin": "1234"}
    assert kept(text, {"card": [CARD["card"]]}) == kept(text, CARD)
    assert kept(text, {"card": {"owner": {"a": [1, "é"]}}}) == {"card.owner": '{"a": [1, "é"]}'}


def test_unused_inner_fields_are_not_passed_on() -> None:
    """A path under `unused` is not kept, also where nothing else of its table is read."""
    more = "unused: [card.pin]\nextra: [card.balance_cents]\n"
    assert kept(grants(READS_TYPE, JSON, more), CARD) == {"card.balance_cents": "250"}
    assert kept(grants("", JSON, more), CARD) == {"card.type": "adult", "card.balance_cents": "250"}
    assert kept(grants(READS_TYPE, JSON, "unused: [card]\n"), CARD) == {}
    items = {"loans": [{"due": "x", "pin": "1"}, {"due": "y", "pin": "2"}]}
    more = 'unused: ["loans.*.pin"]\n'
    assert kept(grants("", JSON, more), items) == {"loans.0.due": "x", "loans.1.due": "y"}


def test_attributes_beside_a_text_are_kept() -> None:
    """An element of XML whose text is read keeps its attributes."""
    row = {"score": {"@scale": "100", "#text": "92"}}
    claims = claimed("texts: [{name: s, text: score}]", row, JSON)
    assert (claims.texts[0].text, claims.extra) == ("92", {"score.@scale": "100"})


def test_a_table_that_is_only_asked_for_is_kept_whole() -> None:
    """A condition on a table reads nothing of it."""
    more = "left_out: [{rule: none, when: {absent: card}}]\n"
    whole = kept(grants("", JSON, more), CARD)
    assert json.loads(whole["card"]) == CARD["card"]
    listed = {"card": ["a", "b"]}
    assert json.loads(kept(grants("", JSON, more), listed)["card"]) == ["a", "b"]


def test_what_each_does_not_read_is_kept_by_place() -> None:
    """Of every item of a list, read or not, the rest has its place in the name."""
    claims = claimed(
        "persons: [{each: owners, ref: owner, names: [{full: name}], where: {present: name}}]",
        {"owners": [{"name": "Ada", "age": 3}, {"age": 4}]},
        JSON,
    )
    assert len(claims.persons) == 1
    assert claims.extra == {"owners.0.age": "3", "owners.1.age": "4"}


def test_many_names_are_kept_in_one_piece() -> None:
    """Extra fields have a bound; nothing beyond it is lost."""
    row = {
        "card": {"type": "x", **{f"n{number}": f"<{number}>" for number in range(NAMES_MAX + 9)}}
    }
    found_ = kept(grants(READS_TYPE, JSON), row)
    assert len(found_) == NAMES_MAX + 1
    assert all(f"<{number}>" in "\n".join(found_.values()) for number in range(NAMES_MAX + 9))


def test_two_fields_of_one_name_are_both_kept() -> None:
    """A field whose own name has a dot does not take the place of an inner one."""
    row = {"card": {"type": "x", "pin": "inner"}, "card.pin": "outer"}
    assert kept(grants(READS_TYPE, JSON), row) == {"card.pin": "outer\ninner"}


def test_new_inner_fields_are_drift() -> None:
    """Inner fields that no document names are told once for all places of a list."""
    more = 'unused: [card.pin]\nextra: [card.balance_cents, "loans.*.due"]\n'
    connector = mapping.connector_of(grants(READS_TYPE, JSON, more), "m.yaml")
    row = {"no": "1", **CARD, "loans": [{"due": "1"}, {"due": "2", "fee": "3"}], "new": {"a": "b"}}
    (draft,) = said(grants(READS_TYPE, JSON, more), row)
    assert isinstance(draft, Draft)
    assert draft.claims is not None
    assert drifted(row, connector.known_fields, draft.claims.extra) == {"loans.*.fee", "new"}


def test_naming_what_is_read_is_told() -> None:
    """A path under `unused` or `extra` that is read is a mistake; its neighbour is none."""
    for key in ("extra", "unused"):
        more = f"{key}: [card.type, card.pin]\n"
        (problem,) = mapping.lint(grants(READS_TYPE, JSON, more))
        assert f"'card.type' is {key}, and it is read in line 14" in problem.what


def test_a_list_of_texts() -> None:
    """`each` reads the texts of a list, or one text of each of its tables that is wanted."""
    text = """\
persons:
  - ref: p
    names: [{full: name}]
    emails: [{each: mails}]
    phones: [{each: contacts, value: value, where: {equals: kind, to: tel}}, {list: tel, at: ";"}]
"""
    contacts = [{"kind": "tel", "value": "1"}, {"kind": "fax", "value": "9"}, {"kind": "tel"}]
    row = {"name": "Ada", "mails": ["a@b", "", "c@d"], "contacts": contacts, "tel": "2;3"}
    claims = claimed(text, row, JSON)
    assert claims.persons[0].emails == ("a@b", "c@d")
    assert claims.persons[0].phones == ("1", "2", "3")
    assert claims.extra == {}
    assert claimed(text, {"name": "Ada", "mails": "a@b"}, JSON).persons[0].emails == ("a@b",)


@pytest.mark.parametrize("wrong", [[["a@b"]], [{"a": ["x"]}, ["y"]]])
def test_a_list_in_a_list_is_refused(wrong: list[Any]) -> None:
    """An entry is a text or a table."""
    with pytest.raises(UnreadableRecord) as caught:
        claimed("persons: [{ref: p, emails: [{each: mails}]}]", {"mails": wrong}, JSON)
    assert (caught.value.code, caught.value.field) == ("E-FIELD", "mails")


def test_where_needs_each() -> None:
    """A condition on an entry has no meaning without a list."""
    (problem,) = errors(grants("persons: [{ref: p, where: {present: no}}]", JSON))
    assert "'where'" in problem.what


Path = tuple[str, ...]
NAMES = st.sampled_from(["a", "b", "c", "@id"])
LEAF = st.integers(0, 10**9).map(lambda number: f"<{number}>")
VALUES = st.recursive(
    LEAF | st.just(""),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES, inner, max_size=3)
        | st.fixed_dictionaries({TEXT_STEP: LEAF, "@id": LEAF})
    ),
    max_leaves=12,
)
RECORDS = st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES, min_size=1, max_size=3)
STEPS = NAMES | st.sampled_from(["0", "1", EACH_ITEM, TEXT_STEP])
PATHS = st.lists(
    st.tuples(NAMES, st.lists(STEPS, max_size=4))
    .map(lambda pair: (pair[0], *pair[1]))
    .filter(lambda path: TEXT_STEP not in path[:-1] and path[-1] != EACH_ITEM),
    max_size=5,
)


def leaves(value: Any) -> Iterator[str]:
    """All texts of a value."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    elif value:
        yield value


def read(record: Any, steps: Path) -> Iterator[str]:
    """The texts that a mapping reads at a path, item by item where it goes through lists.

    Raises UnreadableRecord where it cannot go through a list.
    """
    if EACH_ITEM in steps:
        place = steps.index(EACH_ITEM)
        for item in ItemList(steps[:place], texts=True).of(record):
            yield from read(item, steps[place + 1 :])
        return
    try:
        text = plain(found(record, steps, "f"), "f")
    except UnreadableRecord:
        return  # refused with its record, or a condition's that asks whether there is something
    if text is not None:
        yield text


@given(RECORDS, PATHS)
def test_whatever_is_not_read_is_kept(record: dict[str, Any], paths: list[Path]) -> None:
    """Law: each text of a record is read by one of the paths, or kept; never lost."""
    known = frozenset(path[0] for path in paths)
    held = "\n".join(unread(record, known, tree_of(paths)).values())
    try:
        taken = {text for path in paths for text in read(record, path)}
    except UnreadableRecord:
        return  # the record is kept in quarantine
    assert {text for text in leaves(record) if text not in held} <= taken


@given(RECORDS, PATHS)
def test_what_is_unused_is_not_kept(record: dict[str, Any], paths: list[Path]) -> None:
    """Law: with all fields of a record unused nothing is kept, whatever is read of them."""
    tops = [(name,) for name in record]
    assert unread(record, record.keys(), tree_of(paths, tops)) == {}


def test_drift_within_a_table_is_told_once() -> None:
    """The publisher tells a new inner field when it comes first, and not again."""
    connector = mapping.connector_of(grants(READS_TYPE, JSON), "m.yaml")
    labels = {"connector": connector.name}
    before = REGISTRY.get_sample_value("civic_source_drifted_total", labels) or 0
    taker = publisher(connector)
    for number in range(3):
        row = Record({"no": str(number), **CARD})
        taker.take(Change(row, b"{}", version=1), Tally(), 1, "b1")
    told = REGISTRY.get_sample_value("civic_source_drifted_total", labels) or 0
    assert told - before == 2  # card.balance_cents and card.pin


def test_what_the_source_reads_inside_leaves_the_rest() -> None:
    """A list of a REST server whose key lies in a table: the table's other fields are kept."""
    rest = "source: {rest: {path: cards, identifier: card.no, changed: card.at, since: since}}\n"
    connector = mapping.connector_of(grants("", rest), "m.yaml")
    assert connector.known_fields == {"no", "card"}
    row = {"card": {"no": "1", "at": "2026-01-01T00:00:00Z", "pin": "9"}}
    assert kept(grants("", rest), row) == {"card.pin": "9"}
