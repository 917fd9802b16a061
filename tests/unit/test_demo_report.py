"""The demo says how well it matched, why, and what is not as it must be."""

import io
import json
import types

import pytest
from rich.console import Console
from told import person_records

from hub.canon.model import Organisation, Person, PersonName
from hub.cli import demo_report, identity_told
from hub.connect.books import Books
from hub.identity.answers import Explanation
from hub.identity.cluster import AMBIGUOUS
from hub.identity.person import PERSON as PERSONS
from hub.identity.resolver import Resolver
from hub.identity.subjects import ORGANISATION, PERSON
from hub.identity.words import Words, in_words
from hub.local import truth
from hub.local.departments import population
from hub.local.explained import lacking
from hub.local.report import LINK, REFUSAL, WAITING, Report, Told, matching
from hub.operations.books import accounts

KEY = b"k" * 32
TWO = Explanation(
    "person-1", False, {"names": 14_000, "births": -3_000}, 11_000, 16_000, "other_birth_date"
)
ONE = Explanation("person-1", True, {"names": 14_000, "emails": 12_000}, 26_000, 16_000, None)


def matched(reached: dict[str, str]) -> list[truth.Matched]:
    """Four records of two people, found in the entities given."""
    true_entity = {"a": "p1", "b": "p1", "c": "p2", "d": "p2"}
    return [
        truth.compare(PERSON, reached, {"a", "b"}, true_entity),
        truth.compare(ORGANISATION, {}, set(), {}),
    ]


def report(**other: object) -> Report:
    """A good report, changed as a test wants."""
    books = {"grants": Books(read=3, published=3, events=3)}
    told = [
        Told(what, ("0" * 36, "1" * 36), in_words(found), ())
        for what, found in ((LINK, ONE), (REFUSAL, TWO), (WAITING, TWO._replace(refusal=None)))
    ]
    good = Report(
        9.0,
        accounts(books, {"grants": {"applied": 3}}, 0),
        balanced=True,
        matched=matched({"a": "e1", "b": "e1", "c": "e2", "d": "e2"}),
        told=told,
        failures=[],
    )
    return good._replace(**other)


def test_the_truth_is_known_by_the_identifiers_of_the_deployments_key() -> None:
    """Every person that any department tells of has a true entity, under this key alone."""
    people = population.make(people=120, businesses=60)
    told = person_records(people, KEY)
    known = truth.of_subjects(truth.truth(people), KEY)
    assert len(told) > 300
    assert told.keys() <= known.keys()
    assert {known[name].partition("-")[0] for name in told} == {"person"}
    assert not told.keys() & truth.of_subjects(truth.truth(people), b"o" * 32).keys()
    assert any(entity.startswith("business-") for entity in known.values())


NAMES = (PersonName(given="Maria", family="Garcia"),)


@pytest.mark.parametrize(
    ("told", "enough"),
    [
        (Person("holder", NAMES), False),
        (Person("signatory", (PersonName(full="Maria Garcia"),)), False),
        (Person("recipient", phones=("2025550123",)), False),
        (Person("requester", (PersonName(given="Maria"),), phones=("2025550123",)), False),
        (Person("requester", NAMES, phones=("2025550123",)), True),
        (Person("holder", emails=("m@mail.example",), phones=("2025550123",)), True),
        (Organisation("applicant"), False),
    ],
)
def test_a_record_that_tells_one_fact_alone_is_not_counted_as_missed(
    told: Person | Organisation, *, enough: bool
) -> None:
    """A name, a telephone number or an e-mail address alone may be another's too."""
    assert truth.tells_enough(told) is enough


def test_precision_is_of_every_record_and_recall_of_those_that_tell_enough() -> None:
    """A record joined with another's counts whatever it tells; nobody is left out of precision."""
    found = matched({"a": "e1", "b": "e1", "c": "e1", "d": "e2"})
    precision, recall = truth.bars(found)
    assert (precision.reached, precision.is_met) == (pytest.approx(1 / 3), False)
    assert (recall.reached, recall.is_met) == (1.0, True)
    assert [row["of"] for row in matching(found)] == [
        *("every record", "two facts or more", "every record")
    ]


def test_a_subject_of_nobody_is_a_fault() -> None:
    """What the departments do not know of cannot have been told by them."""
    (persons, _) = matched({"a": "e1", "stranger": "e1"})
    assert persons.truthless == 1


def test_the_report_names_each_thing_that_is_not_as_it_must_be() -> None:
    """Books, bars, missing and unreadable explanations; nothing where all is well."""
    good = report()
    assert good.problems == []
    missed = matched({"a": "e1", "b": "e2", "c": "e1", "d": "e2"})
    unread = good.told[0]._replace(lacking=("a field that agrees",))
    bad = report(balanced=False, matched=missed, told=[unread], failures=["department x: Error"])
    assert bad.problems == [
        "department x: Error",
        "The books do not balance.",
        "Missed: persons: pairwise precision is 0.0000, 0.998 is needed.",
        "Missed: persons: pairwise recall is 0.0000, 0.97 is needed.",
        "There is no refusal that could be explained.",
        "There is no pair that waits that could be explained.",
        "The explanation of a link lacks a field that agrees.",
    ]


@pytest.mark.parametrize(
    ("found", "change", "fault"),
    [
        (ONE, {"speaks_for": ("name agrees (rare: 9 times likelier if they are one)",)}, "agrees"),
        (ONE, {"speaks_for": ("name agrees", "e-mail address agrees")}, "rare"),
        (TWO, {"speaks_against": ()}, "speaks against"),
        (TWO, {"verdict": "one: their own evidence is enough"}, "verdict"),
        (TWO, {"verdict": "not one: "}, "verdict"),
    ],
)
def test_an_explanation_that_leaves_something_out_is_noticed(
    found: Explanation, change: dict[str, object], fault: str
) -> None:
    """Agreeing fields, rarity, what speaks against, and a verdict with its reason."""
    words = in_words(found)
    assert lacking(found, words, together=found.together) == []
    changed = Words(**{**words._asdict(), **change})
    (told,) = lacking(found, changed, together=found.together)
    assert fault in told


def test_an_explanation_of_what_the_hub_did_not_decide_is_noticed() -> None:
    """Two that are kept apart are never explained as one, nor the other way round."""
    for found in (ONE, TWO):
        (told,) = lacking(found, in_words(found), together=not found.together)
        assert "as the hub decided" in told


def test_every_link_and_every_refusal_of_the_demo_is_explained() -> None:
    """Each pair that was compared: which fields agree, how rare, and what speaks against it."""
    people = population.make(people=700, businesses=200)
    resolver = Resolver(kind=PERSONS)
    resolver.apply(person_records(people, KEY))
    resolver.settle()
    explained = {"linked": 0, "apart": 0}
    refusals: set[str] = set()
    seen: set[tuple[str, str]] = set()
    for name in resolver.records:
        for other in resolver.near(name):
            one = resolver.entity(name) == resolver.entity(other)
            pair = (name, other) if one else (resolver.entity(name)[0], resolver.entity(other)[0])
            if name > other or pair in seen:
                continue
            seen.add(pair)
            found = resolver.explain(*pair)
            assert found.together is one
            words = in_words(found)
            assert lacking(found, words, together=one) == []
            if not one:
                assert words.speaks_against or "are missing" in words.verdict or _told(found, words)
                refusals.add(found.refusal or "")
            explained["linked" if one else "apart"] += 1
    assert explained["linked"] > 1_000
    assert explained["apart"] > 1_000
    assert {"other_given_name", "other_verified_identifier"} <= refusals
    for waiting in resolver.possible():
        found = resolver.explain(waiting.a, waiting.b)
        assert lacking(found, in_words(found), together=False) == []
        if waiting.refusal not in (None, AMBIGUOUS):
            assert found.refusal == waiting.refusal


def _told(found: Explanation, words: Words) -> bool:
    """Whether it is said that what is near keeps two apart whose evidence is enough."""
    return found.total >= found.threshold and "what is near them speaks against it" in words.verdict


def shown(told: Report, width: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """The report at a terminal so wide."""
    text = io.StringIO()
    for shows in (demo_report, identity_told):
        monkeypatch.setattr(shows, "console", Console(file=text, width=width, highlight=False))
    source = "Licensing Office (licence-register, verified)"
    line = ("identifiers", "licence-speech-language-pathologist P276433", source)
    monkeypatch.setattr(demo_report, "lines", lambda _: [line] * 20)
    citizen = types.SimpleNamespace(record_ids=["r"] * 3, agencies=["Licensing Office"])
    demo_report.show(told, [citizen], {"logs": ".civic-hub/logs"})  # type: ignore[list-item]
    return text.getvalue()


def test_a_person_reads_the_report_in_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider; figures, bars and each kind of explanation stand in it."""
    text = shown(report(), 80, monkeypatch)
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("licence-speech-language") == demo_report.LINES_SHOWN
    for part in (
        "persons: two facts or more",
        "persons: pairwise precision 1.0000, needed 0.998: reached",
        *demo_report.WHY.values(),
        "name agrees (rare: 16,000 times likelier if they are one)",
        "another date of birth speaks against it, as with father and son",
        "The books balance",
    ):
        assert part in text
    bad = shown(report(balanced=False), 80, monkeypatch)
    assert "The books do not balance." in bad
    assert "The books balance" not in bad


def test_a_program_reads_the_report_as_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Whether it is good, what is not, and every figure, bar and explanation."""
    demo_report.as_document(report(balanced=False), [], {})
    told = json.loads(capsys.readouterr().out)
    assert (told["good"], told["problems"]) == (False, ["The books do not balance."])
    assert told["matched"][0]["pairwise_precision"] == 1.0
    assert [bar["met"] for bar in told["bars"]] == [True, True]
    assert {one["what"] for one in told["explanations"]} == {LINK, REFUSAL, WAITING}
    assert told["explanations"][1]["speaks_against"]
    assert told["books"][0]["read"] == 3
