"""What names weigh at the most is never less than what they weigh, so that no link is missed."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from people import crowd

from hub.identity.evidence import Beside
from hub.identity.kind import Kind
from hub.identity.organisation import ORGANISATION
from hub.identity.person import PERSON
from hub.identity.record import NAMES, Name
from hub.identity.rules import are_strangers
from hub.identity.weigh import Counts, Weights, count, load_model

PEOPLE_TOLD = """
ana anna an a maria mariana ri min jun minjun bob robert van dyke vandyke smith smyth smiht o neil
oneil lopez lopes robret
"""
FIRMS_TOLD = """
acme acne ac me holding plumbing plumbnig a tax service taxi 24 7 intl international inc icn bemis
8emis 8 emis acmetax acmpl ah
"""
PEOPLE, WORDS = st.sampled_from(PEOPLE_TOLD.split()), st.sampled_from(FIRMS_TOLD.split())
NAMES_OF_PEOPLE = st.builds(
    Name,
    st.lists(PEOPLE, max_size=3).map(tuple),
    st.lists(PEOPLE, max_size=3).map(tuple),
).filter(any)
NAMES_OF_FIRMS = st.lists(WORDS, min_size=1, max_size=5).map(tuple) | WORDS.map(
    lambda word: (f"@{word}",)
)
OFTEN = st.dictionaries(PEOPLE | WORDS, st.integers(0, 900), max_size=8)
OFTEN_ALL = dict.fromkeys(("acme", "plumbing", "acmpl", "acme plumbing"), 900)
ODD = st.dictionaries(
    st.sampled_from(
        (
            "other_given",
            "left_over",
            "distant",
            "fuzzy",
            "close",
            "other",
            "extra",
            "alike",
            "cut",
            "nickname",
        )
    ),
    st.integers(-9_000, 6_000),
    max_size=2,
)
"""Levels as weights may have them that were trained on odd data."""


def assert_no_less(
    kind: Kind,
    one: Any,
    other: Any,
    often: Mapping[str, int],
    odd: Mapping[str, int],
    *,
    spoilt: bool = False,
) -> None:
    """What the two weigh at the most, from either side, is not less than what they weigh."""
    model = load_model(kind)
    field = model.fields[NAMES]
    levels = {**field.levels, **{level: odd[level] for level in odd.keys() & field.levels.keys()}}
    fields = (field._replace(levels=levels), *model.fields[1:])
    counts = Counts((often,) * len(kind.fields), (1_000,) * len(kind.fields), True, spoilt)
    weights = Weights(kind, model._replace(fields=fields), counts)
    found = weights.pairs[NAMES][one, other]
    assert found is not None
    for ours, theirs in ((one, other), (other, one)):
        assert weights.most(ours).beside(theirs) >= found


@settings(max_examples=500)
@given(NAMES_OF_PEOPLE, NAMES_OF_PEOPLE, OFTEN, ODD, st.booleans())
@example(Name(("min", "jun"), ("van", "dyke")), Name(("minjun",), ("vandyke",)), {}, {}, False)
@example(Name(("ana", "ana"), ()), Name(("ana", "ana"), ()), {}, {}, False)
@example(Name(("ana",), ()), Name(("ana",), ()), {}, {}, False)
@example(Name(("bob",), ("dyke",)), Name(("min",), ("oneil",)), {}, {"other_given": 20_000}, False)
@example(Name(("lopez",), ("robert",)), Name(("lopes",), ("robret",)), {}, {}, False)
@example(Name(("ana",), ("o", "neil")), Name(("o", "neil", "anna"), ("oneil",)), {}, {}, False)
@example(
    Name(("maria",), ()), Name(("mbrib",), ()), {"maria": 900}, {"fuzzy": -9, "nickname": -9}, True
)
def test_no_names_of_people_weigh_more(
    one: Name, other: Name, often: Mapping[str, int], odd: Mapping[str, int], spoilt: bool
) -> None:
    """Glued, exchanged, mistyped, short, told twice; under weights trained on odd data too.

    And where names are spoilt.
    """
    assert_no_less(PERSON, one, other, often, odd, spoilt=spoilt)


@settings(max_examples=500)
@given(NAMES_OF_FIRMS, NAMES_OF_FIRMS, OFTEN, ODD)
@example(("acme", "acme"), ("acme", "acme"), {}, {})
@example(("@acmetax",), ("acme", "tax"), {}, {})
@example(("holding", "plumbing"), ("holding", "plumbing"), {}, {})
@example(("holding", "inc"), ("holding", "icn"), {}, {})
@example(("tax",), ("bemis",), {}, {"other": 5_000})
@example(("acmpl",), ("acme", "plumbing"), OFTEN_ALL, {"cut": 6_000})
def test_no_names_of_firms_weigh_more(
    one: tuple[str, ...],
    other: tuple[str, ...],
    often: Mapping[str, int],
    odd: Mapping[str, int],
) -> None:
    """Abbreviated, run together, of domains, generic; under weights trained on odd data too."""
    assert_no_less(ORGANISATION, one, other, often, odd)


@pytest.mark.parametrize("strangers", [None, are_strangers])
def test_a_pair_is_worth_what_it_weighs_or_too_little(strangers: Any) -> None:
    """Exactly what it weighs from the least on, and under the least whatever is under it."""
    people = list(crowd(70, 3).values())
    counts = count(PERSON, people)
    totals = tuple(sum(values.values()) for values in counts)
    weights = Weights(PERSON, load_model(PERSON), Counts(counts, totals))
    links = spared = 0
    for one, other in combinations(people, 2):
        beside = Beside(weights, one)
        total = beside.total(other)
        apart = strangers is not None and strangers(one, other)
        for least in (total - 1, total, total + 1, 12_000):
            found = beside.worth(other, least, strangers)
            if total >= least:
                assert found == (None if apart else total)
                links += found is not None
            else:
                assert found is None or found < least
                spared += found is not None and found != total
    assert links
    assert spared
