"""What records mean by a mapping: events, claims, rules, versions; and that nothing else comes."""

import copy
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mappings import JSON, claimed, document, errors, grants, said

from hub.canon.codec import Codec, wire_names
from hub.canon.model import (
    Address,
    EventKind,
    Identifier,
    LicenceIssued,
    LicenceStatus,
    Notice,
    PersonName,
    Role,
)
from hub.connect import mapping
from hub.connect.contract import Change, Draft, LeftOut, Record, Superseded
from hub.connect.publish import Publisher
from hub.errors import RecordError, UnreadableRecord

ROOT = Path(__file__).parents[2]
ROW = {"no": "7", "issued": "01.02.2025"}


def one(text: str, row: dict[str, Any], version: int = 7) -> Draft:
    """The one event of a record."""
    (draft,) = said(text, row, version)
    assert isinstance(draft, Draft)
    return draft


def refusal(text: str, row: dict[str, Any]) -> tuple[str, str]:
    """Code and field by which a record is refused."""
    with pytest.raises(UnreadableRecord) as caught:
        said(text, row)
    return caught.value.code, caught.value.field


def test_a_column_that_is_lost_is_no_blank_one() -> None:
    """A blank is taken where it may be; a missing column is refused unless it is optional."""
    text = grants("persons: [{ref: a, emails: [mail]}]")
    assert one(text, {"no": "1", "mail": " "}).claims is None
    assert refusal(text, {"no": "1"}) == ("E-FIELD-MISSING", "mail")
    for name in ("mail", '"*"'):
        assert one(f"{text}optional: [{name}]\n", {"no": "1"}).claims is None


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_what_must_be_there_is_refused_by_its_column(blank: str | None) -> None:
    """The key, the time and a required field."""
    assert refusal(document(), {**ROW, "no": blank}) == ("E-FIELD-MISSING", "no")
    assert refusal(document(), {**ROW, "issued": blank}) == ("E-FIELD-MISSING", "issued")
    text = grants(
        "persons: [{ref: a, identifiers: [{scheme: x, value: {required: i}, assurance: claimed}]}]"
    )
    assert refusal(text, {"no": "1", "i": blank}) == ("E-FIELD-MISSING", "i")


def test_a_key_has_all_its_parts() -> None:
    """Parts are joined by a slash, and each of them must be there."""
    text = document().replace("record_key: no", "record_key: [{constant: permit}, kind, no]")
    assert one(text, {**ROW, "kind": "a"}).record_key == "permit/a/7"
    assert refusal(text, {**ROW, "kind": ""}) == ("E-FIELD-MISSING", "kind")


def test_a_code_keeps_its_text_beside_it() -> None:
    """The field named _text is filled by itself, unless the mapping says otherwise."""
    text = document().replace("{constant: issued}", "{code: st, table: {R: revoked}}")
    licence = one(text, {**ROW, "st": "R"}).body.licence  # type: ignore[union-attr]
    assert (licence.status, licence.status_text) == (LicenceStatus.REVOKED, "R")
    licence = one(text, {**ROW, "st": "?"}).body.licence  # type: ignore[union-attr]
    assert (licence.status, licence.status_text) == (LicenceStatus.UNKNOWN, "?")
    own = text.replace(
        "        status:", "        status_text: {constant: hidden}\n        status:"
    )
    assert one(own, {**ROW, "st": "R"}).body.licence.status_text == "hidden"  # type: ignore[union-attr]


def test_fields_nobody_mapped_are_kept() -> None:
    """New and `extra` ones go into the claims, `unused` ones do not; only new ones are drift."""
    text = document("unused: [printer]\nextra: [colour]\n")
    row = {**ROW, "printer": "p", "colour": "red", "new": 5, "empty": ""}
    claims = one(text, row).claims
    assert claims is not None
    assert claims.extra == {"colour": "red", "new": "5"}
    known = mapping.connector_of(text, "x").known_fields
    assert known == {"no", "issued", "printer", "colour"}
    assert one(text, {**ROW, "printer": "p"}).claims is None


def test_persons_organisations_and_their_ties() -> None:
    """A tie stands where both ends do; what says nothing is left out."""
    text = """\
persons:
  - {ref: clerk, names: [{full: clerk}]}
organisations:
  - {ref: firm, legal_name: firm}
roles:
  - {person_ref: clerk, organisation_ref: firm, kind: contact}
"""
    claims = claimed(text, {"clerk": "Ada", "firm": "F"})
    assert claims.roles == (Role("clerk", "firm", "contact"),)
    claims = claimed(text, {"clerk": "", "firm": "F"})
    assert (claims.persons, claims.roles) == ((), ())
    claims = claimed(text, {"clerk": "Ada", "firm": ""})
    assert (claims.organisations, claims.roles) == ((), ())
    assert claimed(text, {"clerk": "", "firm": ""}) is None


def test_blank_pieces_of_a_person_are_left_out() -> None:
    """Constants alone make no address, a scheme no identifier, and blanks no contact."""
    text = """\
persons:
  - ref: a
    names: [{given: g, family: f}]
    identifiers: [{scheme: us-ssn, value: ssn, assurance: verified}]
    addresses: [{street: street, country: {constant: US}}]
    emails: [mail, other]
    phones: [{list: tel, at: ";"}]
"""
    blank = dict.fromkeys(("g", "f", "ssn", "street", "mail", "other", "tel"), "")
    (person,) = claimed(text, {**blank, "other": "a@b.example", "tel": "1; ;2"}).persons
    assert person == ("a", (), None, None, (), (), ("a@b.example",), ("1", "2"), False)
    (person,) = claimed(text, {**blank, "ssn": "9", "street": "S"}).persons
    assert person.identifiers == (Identifier("us-ssn", "9", "verified"),)
    assert person.addresses == (Address(None, "S", None, None, None, None, "US"),)


def test_a_list_gives_one_for_each() -> None:
    """The first has the ref, the next are numbered; paths are inside of the item."""
    text = "organisations: [{each: orgs, ref: o, legal_name: name.en}]"
    found = claimed(
        text, {"orgs": [{"name": {"en": "A"}}, {"name": {}}, {"name": {"en": "B"}}]}, JSON
    )
    assert [(one.ref, one.legal_name) for one in found.organisations] == [("o", "A"), ("o-2", "B")]
    assert claimed(text, {"orgs": {"name": {"en": "A"}}}, JSON).organisations[0].legal_name == "A"
    assert claimed(text, {"orgs": []}, JSON) is None
    for wrong in (["A"], "A", 7):
        with pytest.raises(UnreadableRecord) as caught:
            claimed(text, {"orgs": wrong}, JSON)
        assert (caught.value.code, caught.value.field) == ("E-FIELD", "orgs")


@pytest.mark.parametrize(
    ("path", "record", "told"),
    [
        ("a.b", {"a": {"b": " x "}}, "x"),
        ("a.b", {"a": [{"b": "x"}]}, "x"),
        ("a.1", {"a": ["x", "y"]}, "y"),
        ("a.0", {"a": "x"}, "x"),
        ("a.1", {"a": "x"}, None),
        ("a.9", {"a": ["x"]}, None),
        ("a.b", {"a": {}}, None),
        ("a.b", {"a": None}, None),
        ("a.b", {}, None),
        ("a.b", {"a": ""}, None),
        ("a.@id", {"a": {"@id": "1", "#text": "x"}}, "1"),
        ("a", {"a": {"@id": "1", "#text": "x"}}, "x"),
        ("a.#text", {"a": "x"}, "x"),
        ("a", {"a": ["x"]}, "x"),
        ("a", {"a": 5}, "5"),
        ("a", {"a": Decimal("1.50")}, "1.50"),
        ("a", {"a": {}}, None),
        ("a", {"a": []}, None),
    ],
)
def test_paths_into_tables_and_lists(path: str, record: dict[str, Any], told: str | None) -> None:
    """A value that stands alone is a list of one, as XML has it; what is not there is blank."""
    claims = claimed(f'texts: [{{name: t, text: "{path}"}}]', record, JSON)
    assert (claims.texts[0].text if claims and claims.texts else None) == told


@pytest.mark.parametrize(
    ("path", "record", "code"),
    [
        ("a", {"a": ["x", "y"]}, "E-SEVERAL"),
        ("a.b", {"a": [{"b": "x"}, {"b": "y"}]}, "E-SEVERAL"),
        ("a", {"a": {"b": "x"}}, "E-FIELD"),
        ("a.b", {"a": "x"}, "E-FIELD"),
        ("a", {"a": [["x"]]}, "E-FIELD"),
        ("a.b", {"a": [["x"]]}, "E-FIELD"),
    ],
)
def test_a_path_that_meets_something_else_is_refused(
    path: str, record: dict[str, Any], code: str
) -> None:
    """One of several is never taken at random, a table is no text."""
    with pytest.raises(UnreadableRecord) as caught:
        claimed(f"texts: [{{name: t, text: {path}}}]", record, JSON)
    assert (caught.value.code, caught.value.field) == (code, path)


def test_names_with_dots_are_paths_as_lists() -> None:
    """A step may hold a dot."""
    claims = claimed("texts: [{name: t, text: {path: [a.b, c]}}]", {"a.b": {"c": "x"}}, JSON)
    assert claims.texts[0].text == "x"


CONDITIONS = [
    ("{present: a}", {"a": "x"}, {"a": " "}),
    ("{absent: a}", {"a": ""}, {"a": "x"}),
    ("{has: b}", {"b": ""}, {}),
    ("{yes: a}", {"a": "Y"}, {"a": ""}),
    ("{no: a}", {"a": "f"}, {"a": ""}),
    ("{equals: a, to: [x, y]}", {"a": "y"}, {"a": "Y"}),
    ("{equals: a, to: x, any_case: yes}", {"a": "X"}, {"a": ""}),
    ("{contains: a, text: '@'}", {"a": "x@y"}, {"a": ""}),
    ("{starts: a, with: [GB-, US-]}", {"a": "US-1"}, {"a": "1 US-"}),
    (
        "{later: {part: d, date: a}, than: {part: d, date: b}}",
        {"a": "2025", "b": "2024"},
        {"a": "", "b": "2024"},
    ),
    ("{any: [{present: a}, {present: b}]}", {"a": "", "b": "x"}, {"a": "", "b": ""}),
    ("[{present: a}, {present: b}]", {"a": "x", "b": "x"}, {"a": "x", "b": ""}),
    ("{not: {present: a}}", {"a": ""}, {"a": "x"}),
    ("{part: p}", {"a": "x"}, {"a": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "holds", "fails"), CONDITIONS)
def test_conditions(condition: str, holds: dict[str, str], fails: dict[str, str]) -> None:
    """Each holds for one record and not for another."""
    parts = "parts: {p: {present: a}, d: {format: '%Y'}}\n"
    text = grants(more=f"left_out: [{{rule: r, when: {condition}}}]\n{parts}")
    row = {"no": "1", "a": ""}
    assert said(text, {**row, **holds}) == [LeftOut("r")]
    assert isinstance(said(text, {**row, **fails})[0], Draft)


def test_every_condition_is_tried() -> None:
    """The table above knows all of them."""
    from hub.connect.mapping.condition import CONDITIONS as DECLARED  # noqa: PLC0415

    assert {
        name for name in DECLARED if not any(f"{{{name}:" in c for c, *_ in CONDITIONS)
    } == set()


def test_rules_are_asked_in_order() -> None:
    """Refused before left out, left out before any event; without an event the last rule counts."""
    text = document(
        "refused: [{rule: a kind, field: kind, code: E-KIND, when: {equals: kind, to: X}}]\n"
        "left_out: [{rule: draft, when: {equals: kind, to: [X, D]}}]\notherwise: undated\n"
    ).replace("    occurred", "    when: {present: issued}\n    occurred")
    assert refusal(text, {**ROW, "kind": "X"}) == ("E-KIND", "kind")
    assert said(text, {**ROW, "kind": "D"}) == [LeftOut("draft")]
    assert said(text, {**ROW, "kind": "", "issued": ""}) == [LeftOut("undated")]
    assert isinstance(one(text, {**ROW, "kind": ""}).body, LicenceIssued)


def test_an_event_may_withdraw() -> None:
    """By a condition of its own."""
    text = document().replace("    occurred", "    withdrawn_when: {yes: gone}\n    occurred")
    assert one(text, {**ROW, "gone": "N"}).kind is EventKind.ASSERTED
    assert one(text, {**ROW, "gone": "Y"}).kind is EventKind.WITHDRAWN


def test_an_event_may_correct() -> None:
    """Where the source tells corrections from updates, the mapping says so; a withdrawal is one."""
    text = document().replace(
        "    occurred",
        "    withdrawn_when: {yes: gone}\n"
        "    corrected_when: {equals: why, to: typo}\n    occurred",
    )
    told = {"gone": "N", "why": "moved"}
    assert one(text, {**ROW, **told}).kind is EventKind.ASSERTED
    assert one(text, {**ROW, **told, "why": "typo"}).kind is EventKind.CORRECTED
    assert one(text, {**ROW, "why": "typo", "gone": "Y"}).kind is EventKind.WITHDRAWN
    connector = mapping.connector_of(text, "mapping.yaml")
    assert connector.tells_corrections_of == {LicenceIssued}
    assert mapping.connector_of(document(), "mapping.yaml").tells_corrections_of == frozenset()


@pytest.mark.parametrize(
    ("keys", "row", "superseded"),
    [
        ("{record_key: old}", {"old": "P-1"}, Superseded("P-1")),
        ("{record_key: old}", {"old": " "}, None),
        ("{record_key: [{constant: permit}, old]}", {"old": "P-1"}, Superseded("permit/P-1")),
        ("{record_key: [{constant: permit}, old]}", {"old": ""}, None),
        (
            "{record_key: old, record_version: {whole: state}}",
            {"old": "P-1", "state": "3"},
            Superseded("P-1", 3),
        ),
        ("{record_key: old, record_version: {whole: state}}", {"old": "", "state": ""}, None),
    ],
)
def test_an_event_may_supersede_another_record(
    keys: str, row: dict[str, str], superseded: Superseded | None
) -> None:
    """By the key the source names; a blank one names none."""
    text = document().replace("    occurred", f"    supersedes: {keys}\n    occurred")
    assert one(text, {**ROW, **row}).supersedes == superseded


def test_what_supersedes_names_a_column() -> None:
    """A key of constants would be the same for every record, and a key is needed."""
    text = document().replace(
        "    occurred", "    supersedes: {record_key: {constant: P-1}}\n    occurred"
    )
    (problem,) = errors(text)
    assert "every record would have the same key" in problem.what
    (problem,) = errors(text.replace("{record_key: {constant: P-1}}", "{record_version: source}"))
    assert "supersedes has no record_key" in problem.what


@pytest.mark.parametrize(
    ("rule", "row", "version"),
    [
        ("source", {}, 7),
        ("{whole: v}", {"v": "12"}, 12),
        ("{latest: [{time: v}, {time: w}]}", {"v": "", "w": "1970-01-01T00:00:01Z"}, 1_000_000),
        ("{latest: {time: v}}", {"v": ""}, 7),
        ("{latest: {time: v}, final: {yes: w}}", {"v": "1970-01-02", "w": "Y"}, 172_800_000_001),
        ("{latest: {time: v}, final: {yes: w}}", {"v": "1970-01-02", "w": "N"}, 172_800_000_000),
    ],
)  # fmt: skip
def test_versions(rule: str, row: dict[str, str], version: int) -> None:
    """As the source says, or as the record does."""
    text = document(f"record_version: {rule}\n")
    assert one(text, {**ROW, **row}).record_version == version


def test_a_source_without_an_order_needs_a_version() -> None:
    """A queue or webhook does not know which state is later: the record must."""
    (problem,) = errors(document(source="source: amqp\n"))
    assert "which state is later" in problem.what
    text = document("record_version: {latest: {time: v}}\n", source="source: amqp\n")
    assert refusal(text, {**ROW, "v": ""}) == ("E-FIELD-MISSING", "v")


def test_a_notice_stands_in_every_event() -> None:
    """On what ground the data is held."""
    text = document("notice: {basis: dpv:LegalObligation, purpose: permits}\n")
    assert one(text, ROW).notice == Notice("dpv:LegalObligation", "permits")


def test_parts_are_used_again_with_changes() -> None:
    """Keys beside `part` count before those of the part, for values, pieces and whole events."""
    text = """\
persons:
  - {part: person, ref: a}
  - {part: person, ref: b, names: [{full: {part: capital, replace: other}}]}
"""
    more = "parts: {person: {names: [{full: who}]}, capital: {what: a, by: A}}\n"
    (draft,) = said(grants(text, more=more), {"no": "1", "who": "x", "other": "ada"})
    assert [one.names[0].full for one in draft.claims.persons] == ["x", "AdA"]  # type: ignore[union-attr]


def test_values_are_chosen_and_joined() -> None:
    """The first that is there, several as one, one by a condition, a zone from the record."""
    text = """\
texts:
  - {name: first, text: {first: [a, b]}}
  - {name: join, text: {join: [{constant: x}, a, b], with: "-"}}
  - {name: if, text: {if: {present: a}, then: a, else: {constant: none}}}
  - {name: only, text: {if: {present: a}, then: a}}
persons: [{ref: p, born: {time: t, zone: {path: z}}, names: [{name: n, order: family first}]}]
"""
    row = {"a": "", "b": "B", "t": "2025-01-01T00:00:00", "z": "Europe/Berlin", "n": "Doe, Jo"}
    claims = claimed(text, row)
    assert dict(claims.texts) == {"first": "B", "join": "x-B", "if": "none"}
    assert claims.persons[0].born.text == "2024-12-31T23:00:00Z"
    assert claims.persons[0].names == (PersonName("Doe, Jo", "Jo", None, "Doe"),)
    assert "join" not in dict(claimed(text, {**row, "b": ""}).texts)
    with pytest.raises(UnreadableRecord) as caught:
        claimed(text, {**row, "z": "Nowhere"})
    assert caught.value.field == "t"


@pytest.mark.parametrize("currency", ["", "x", "EURO"])
def test_a_currency_of_the_record_is_looked_at(currency: str) -> None:
    """An amount without a currency is no amount."""
    body = "{award_number: no, awarded: {money: sum, currency: {path: cur}}}"
    text = grants().replace("ContactRecorded", "AwardGranted").replace("{contact_number: no}", body)
    row = {"no": "1", "sum": "5", "cur": currency}
    assert refusal(text, row) == ("E-MONEY", "cur")
    assert one(text, {**row, "cur": "EUR"}).body.awarded.currency == "EUR"  # type: ignore[union-attr]
    assert one(text, {**row, "sum": ""}).body.awarded is None  # type: ignore[union-attr]


loaded = cache(mapping.load)
MAPPINGS = sorted([*ROOT.glob("connectors/*/*.yaml"), *ROOT.glob("examples/connectors/*/*.yaml")])
WORDS = st.sampled_from(
    [
        *("Y", "N", "x", "01/05/2025", "2025-01-05", "2025-01-05T10:00:00Z", "05.01.2025", "5.50"),
        *("tapplication", "taward", "tcontact", "delivery-receipt", "AAC", "revoked", "closed"),
    ]
)
PLAIN = WORDS | st.text(max_size=12) | st.none() | st.integers() | st.booleans() | st.decimals()
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
CODEC = Codec({name: number for number, name in enumerate(wire_names(), 1)})


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.parent.name + "/" + path.stem)
def test_every_mapping_is_clean(path: Path) -> None:
    """Ours and the examples' have no problem, not even a warning."""
    assert mapping.lint(path.read_bytes()) == []


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.parent.name + "/" + path.stem)
@given(data=st.data())
def test_any_record_is_events_that_encode_or_refused_by_name(
    path: Path, data: st.DataObject
) -> None:
    """By every mapping there is; the same again the same, and the record stays what it was."""
    connector = loaded(path)
    fields = sorted(connector.known_fields or ())
    record = data.draw(
        st.dictionaries(st.sampled_from(fields), WORDS, min_size=len(fields) // 2)
        | st.dictionaries(st.sampled_from(fields) | st.text(max_size=5), VALUES)
    )
    change = Change(Record(record), b"", version=5, context={"file": record.get("callback", "x")})
    before = copy.deepcopy(record)
    publisher = Publisher(connector, b"k" * 32, CODEC, None)  # type: ignore[arg-type]
    try:
        found = list(connector.translate(change))
        drafts = [one for one in found if isinstance(one, Draft)]
        publisher.prepare(drafts, 1, "b1")
    except RecordError as error:
        assert error.code.startswith("E-")
        assert error.rule
        return
    finally:
        assert record == before
    assert found
    assert len(found) == 1 or not any(isinstance(one, LeftOut) for one in found)
    assert list(connector.translate(change)) == found
    assert {type(draft.body) for draft in drafts} <= set(connector.emits)
