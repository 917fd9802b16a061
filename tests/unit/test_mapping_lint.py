"""Lint of mappings: every problem at its line and column, all at once, whatever the document is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mappings import CONTACT, HEAD, ISSUED, JSON, SNAPSHOTS, document, errors, grants

from hub.connect import mapping


def test_a_sound_document_has_no_problem() -> None:
    """The document that the other tests break is sound."""
    assert mapping.lint(document()) == []


@pytest.mark.parametrize(
    ("text", "place", "what", "remedy"),
    [
        (
            document("evnts: []\n"),
            (19, 1),
            "'evnts' is no key of a mapping",
            "did you mean events?",
        ),
        (document().replace("owner: T", "ownr: T"), (3, 1), "'ownr' is no key", "owner"),
        (document().replace("owner: Transport Office\n", ""), (1, 1), "has no owner", "add owner"),
        (document().replace("mapping: 1", "mapping: 2"), (1, 10), "does not read", "mapping: 1"),
        (document().replace("name: permits", "name: Permits 1"), (2, 1), "is no name", "a-z"),
        (document().replace("licensing", "licences"), (6, 1), "is no domain", "licensing?"),
        (document().replace("csv_snapshots", "csv_snapshot"), (7, 10), "is no kind", "snapshots?"),
        (document().replace("key: no}", "key: no, kee: x}"), (7, 35), "is no key of csv_", "key?"),
        (
            document().replace("LicenceIssued", "LicenseIssued"),
            (9, 12),
            "is no event of",
            "Issued?",
        ),
        (document().replace("LicenceIssued", "AwardGranted"), (9, 12), "is no event of", "one of"),
        (document().replace("    record_key: no\n", ""), (9, 5), "has no record_key", "add"),
        (
            document().replace("record_key: no", "record_key: {constant: x}"),
            (10, 17),
            "same",
            "col",
        ),
        (
            document().replace("licence_id: no", "license_id: no"),
            (15, 9),
            "is no key",
            "licence_id?",
        ),
        (
            document().replace("        licence_id: no\n", ""),
            (14, 9),
            "has no licence_id",
            "a text",
        ),
        (document().replace("{constant: issue}", "{constant: isue}"), (17, 38), "code", "issue?"),
        (document().replace("{constant: issue}", "kind"), (17, 27), "is one of a fixed", "code:"),
        (
            document().replace("status: {constant: issued}", "status: {whole: s}"),
            (18, 18),
            "gives",
            "code",
        ),
        (
            document().replace("{date: issued,", "{dat: issued,"),
            (11, 16),
            "is no function",
            "date?",
        ),
        (document().replace("format:", "fromat:"), (11, 30), "is no key of date", "format?"),
        (document().replace("%d.%m.%Y", "%d.%m.%Q"), (11, 38), "%Q is none of", "%m/%d/%Y"),
        (document().replace("%d.%m.%Y", "%d.%Y"), (11, 38), "a day and no month", "%m"),
        (document().replace("%d.%m.%Y", "%d.%m.%Y %H"), (11, 15), "time of day", "precision"),
        (document().replace("%d.%m.%Y", "%d.%m.%y"), (11, 15), "two digits", "years_from"),
        (document("tables: {a: {x: y}, a: {z: z}}\n"), (19, 21), "there twice", "leave"),
        (document("left_out: [{rule: x, when: {presnt: a}}]\n"), (19, 29), "condition", "present?"),
        (document("extra: [a]\nunused: [a]\n"), (20, 1), "extra and unused", "one"),
        (
            document().replace("    occurred", "    when: {present: x}\n    occurred"),
            (8, 1),
            "may be no event",
            "otherwise",
        ),
        (document(ISSUED.replace("events:\n", "")), (19, 5), "a second LicenceIssued", "when"),
        (document(source="source: sftpp\n"), (7, 9), "is no kind of source", "sftp?"),
        (grants("persons: {ref: a}"), (14, 16), "a list of Person", "-"),
        (grants("persons: [{ref: a}, {ref: a}]"), (14, 33), "a second ref", "another"),
        (
            grants(
                "persons: [{ref: a}]\n"
                "roles: [{person_ref: b, organisation_ref: {path: o}, kind: contact}]"
            ),
            (15, 28),
            "is no ref of persons",
            "one of: a",
        ),
        (
            grants("persons: [{ref: a, names: [{name: n, order: family}]}]"),
            (14, 51),
            "is no order",
            "first",
        ),
        (
            grants("persons: [{ref: a, identifiers: [{scheme: s, value: v}]}]"),
            (14, 40),
            "has no assurance",
            "add",
        ),
        (grants("persons: [{each: p, ref: a}]"), (14, 24), "no lists of tables", "each"),
        (grants("texts: [a..b]", JSON), (14, 15), "is no path", "dots"),
    ],
)
def test_each_problem_has_its_place(
    text: str, place: tuple[int, int], what: str, remedy: str
) -> None:
    """A mistake is told where it stands, with what to do, and nothing else is told."""
    (problem, *more) = errors(text)
    assert not more, more
    assert what in problem.what
    assert remedy in problem.remedy
    assert (problem.line, problem.column) == place


def test_all_problems_are_told_at_once_by_line() -> None:
    """Three mistakes are three problems, in the order of the document."""
    text = (
        document().replace("owner:", "ownr:").replace("licensing", "x").replace("no}", "no, a: b}")
    )
    assert [problem.line for problem in errors(text)] == [3, 6, 7]


def test_a_sample_tells_what_nothing_reads_and_what_is_not_there() -> None:
    """Columns of a sample are compared with those that are read."""
    problems = mapping.lint(document(), ["no", "isued", "colour"])
    assert [(one.level, one.what) for one in problems] == [
        ("warning", "nothing reads the column 'colour'; it becomes an extra field"),
        ("warning", "nothing reads the column 'isued'; it becomes an extra field"),
        ("error", "the sample has no column 'issued'"),
    ]
    assert problems[-1].remedy == "did you mean isued?"
    assert mapping.lint(document("unused: [colour]\n"), ["no", "issued", "colour"]) == []


def test_a_column_mapped_twice_is_asked_about() -> None:
    """Two fields that may be blank, read alike; not a required one, nor another function."""
    text = grants("persons: [{ref: a, addresses: [{street: s, unit: s, locality: {clean: s}}]}]")
    (problem,) = mapping.lint(text)
    assert (problem.level, problem.what) == ("warning", "unit is read from the same as street")
    assert (problem.line, problem.column) == (14, 50)


@pytest.mark.parametrize(("scheme", "meant"), [("us-snn", "us-ssn"), ("permit-account", "")])
def test_a_scheme_that_is_nearly_a_known_one_is_asked_about(scheme: str, meant: str) -> None:
    """A slip in it would join nobody, and nobody would see; a scheme of one's own is none."""
    text = (
        f"persons: [{{ref: a, identifiers: [{{scheme: {scheme}, value: v, assurance: claimed}}]}}]"
    )
    found = mapping.lint(grants(text))
    assert [(one.level, one.remedy) for one in found] == (
        [("warning", f"did you mean {meant}?")] if meant else []
    )


def test_columns_that_the_mapping_names_itself_are_checked() -> None:
    """A delimited file says its columns: another one is a mistake with the nearest known one."""
    source = "source: {files: {holds: {delimited: {columns: [no, isued]}}}}\n"
    (problem,) = errors(document(source=source))
    assert (problem.line, problem.remedy) == (11, "did you mean isued?")


BOMB = "a: &a [x, x]\nb: [*a, *a]\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        (BOMB, "anchors and aliases"),
        ("a: *b\n", "anchors and aliases"),
        ("!!python/object:os.system {}\n", "tags"),
        ("a: !!binary x\n", "tags"),
        ("<<: {a: b}\n", "merge keys"),
        ("[a, b]: c\n", "not plain text"),
        ("--- {}\n--- {}\n", "a second document"),
        ("[" * 100 + "]" * 100, "nested deeper"),
        ("- a\n" * 30_000, "pieces"),
        ("a" * 300_000, "more than"),
        ("a: [\n", "no YAML"),
        ("a: \x00\n", "no YAML"),
        (b"\xff\xfe", "not UTF-8"),
        ("just words", "no table"),
    ],
)
def test_a_hostile_document_is_refused(text: str | bytes, what: str) -> None:
    """What could grow, run or hide is refused by name."""
    problems = mapping.lint(text)
    assert any(what in problem.what for problem in problems), problems


def test_a_part_that_uses_itself_is_told() -> None:
    """Also by way of another one."""
    more = "parts: {a: {part: b}, b: {part: a, emails: [mail]}}\n"
    (problem,) = errors(grants("persons: [{part: a, ref: p}]", more=more))
    assert (problem.line, problem.what) == (16, "the part 'a' uses itself")


def test_parts_that_grow_are_stopped() -> None:
    """Parts with changes inside parts double at each level; the compiler gives up."""
    parts = "".join(
        f"  p{n}: {{ref: r{n}, names: [{{part: q{n}}}], addresses: [{{part: p{n + 1}, unit: a}},"
        f" {{part: p{n + 1}, unit: b}}]}}\n"
        for n in range(30)
    )
    text = grants("persons: [{part: p0}]", more=f"parts:\n{parts}")
    assert mapping.lint(text)


SCRAPS = st.sampled_from(
    [*HEAD.split(), *SNAPSHOTS.split(), *ISSUED.split(), *CONTACT.split(), "\n", "  ", "- ", ": "]
)
TREES = st.recursive(
    st.text(max_size=8) | SCRAPS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(SCRAPS | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=30,
)


@given(st.text(max_size=200) | st.lists(SCRAPS, max_size=60).map(" ".join) | st.binary(max_size=60))
def test_lint_never_fails(text: str | bytes) -> None:
    """Any text at all is a list of problems, in order, within the document."""
    problems = mapping.lint(text)
    assert problems == sorted(problems)
    assert all(one.line >= 1 and one.column >= 1 and one.what for one in problems)


@given(st.data())
def test_any_piece_in_any_place_is_told(data: st.DataObject) -> None:
    """A sound document with any tree in the place of any value still lints."""
    import yaml  # noqa: PLC0415 - writes the trees

    whole = yaml.safe_load(document())
    place = whole
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else [0]))
        inner = place[key]
        if not isinstance(inner, dict | list) or data.draw(st.booleans()):
            break
        place = inner
    place[key] = data.draw(TREES)
    text = yaml.safe_dump(whole, allow_unicode=True)
    made = mapping.compiled(text)
    assert (made.connector is None) == any(one.level == "error" for one in made.problems)
