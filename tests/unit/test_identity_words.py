"""Explanations in words: what agreed, how rare it is, what spoke against, and no values."""

import inspect
import re
from typing import Any

from hub.identity import organisation_rules, rules
from hub.identity.answers import Explanation
from hub.identity.cluster import AMBIGUOUS
from hub.identity.organisation import ORGANISATION
from hub.identity.person import PERSON
from hub.identity.record import Name, PersonRecord
from hub.identity.resolver import Resolver
from hub.identity.vetoes import NO_AGREEMENT
from hub.identity.words import FIELDS as FIELD_WORDS
from hub.identity.words import (
    RULES,
    STEWARD,
    RunnerUp,
    ambiguous,
    changes,
    in_words,
    missing,
    runner_up,
    times,
)


def explanation(**changed: Any) -> Explanation:
    """Two entities that are one, by a name and a date of birth, against a telephone number."""
    told = Explanation(
        "person-7", True, {"names": 13_500, "births": 9_000, "phones": -2_000}, 20_500, 15_000, None
    )
    return told._replace(**changed)


def test_a_link_names_the_strongest_evidence_first_and_how_rare_it_is() -> None:
    """Evidence comes by strength, with the ratio its weight stands for."""
    found = in_words(explanation())
    assert found.verdict == "one: their own evidence is enough"
    assert found.speaks_for == (
        "name agrees (rare: 12,000 times likelier if they are one)",
        "date of birth agrees (uncommon: 510 times likelier if they are one)",
    )
    assert found.speaks_against == (
        "telephone number differs (4.0 times likelier if they are two)",
    )
    assert found.sum == "20.5 bits of evidence; 15.0 bits are needed"
    assert found.correction is None


def test_a_refusal_names_its_rule_first() -> None:
    """The rule that keeps two apart is the verdict, and leads what speaks against."""
    found = in_words(explanation(together=False, refusal="other_given_name"))
    assert found.verdict == f"not one: {RULES['other_given_name'].says}"
    assert found.speaks_against[0] == RULES["other_given_name"].says


def test_too_little_evidence_says_how_much_is_missing() -> None:
    """Below the threshold the missing weight is told."""
    found = in_words(explanation(together=False, threshold=24_000))
    assert found.verdict == "not one: 3.5 bits of evidence are missing"
    found = in_words(explanation(together=False, threshold=20_501))
    assert found.verdict == "not one: 0.1 bits of evidence are missing"
    assert found.sum == "20.4 bits of evidence; 20.5 bits are needed"
    assert [missing(20_501, 20_500), missing(20_600, 20_500), missing(20_500, 20_500)] == [
        100,
        100,
        0,
    ]
    assert missing(1, 20_500) == 0


def test_records_tied_through_others_are_not_said_to_be_tied_by_themselves() -> None:
    """Two of one entity whose own evidence is short are held by others or a steward."""
    assert "not by these two alone" in in_words(explanation(threshold=24_000)).verdict


def test_what_a_household_shares_is_said_to_count_less() -> None:
    """Where the sum is less than its parts, the difference is explained."""
    found = in_words(explanation(total=18_500))
    assert found.correction == (
        "2.0 bits counted less: what a household shares says the same again"
    )


def test_ratios_have_two_digits() -> None:
    """Ratios are rounded, since weights are estimates."""
    assert [times(0), times(3_500), times(20_000)] == ["1.0", "11", "1,000,000"]


def test_every_field_and_every_rule_has_words() -> None:
    """No field and no rule of persons or organisations is told by its technical name."""
    assert {*PERSON.fields, *ORGANISATION.fields} == set(FIELD_WORDS)
    for kind in (rules, organisation_rules):
        source = inspect.getsource(kind)
        named = re.findall(r'(?:return|else) "([a-z_]+)"', source)
        assert len(named) > 5
        assert set(named) <= set(RULES)


def test_a_runner_up_says_how_near_it_is_and_what_is_against_it() -> None:
    """Another entity that comes near is told with its distance."""
    near = runner_up(explanation(), RunnerUp("e1", "e2", 18_200, "other_sex"))
    assert near == (
        "e1 may be e2 as well: 18.2 bits, 2.3 bits less than these two; "
        "another sex is told, and the given names do not agree"
    )
    assert "1.0 bits more" in runner_up(explanation(), RunnerUp("e1", "e2", 21_500, None))


def test_between_whom_it_is_ambiguous_is_said() -> None:
    """The one who may be either is not named among those whom it may be."""
    rivals = [RunnerUp("one", "third", 20_000, AMBIGUOUS), RunnerUp("one", "far", 1, None)]
    assert ambiguous(rivals, "one", "other") == "not one: ambiguous between other and third"
    assert ambiguous([], "one", "other") == f"not one: {RULES[AMBIGUOUS].says}"
    turned = [RunnerUp("other", "third", 20_000, AMBIGUOUS)]
    assert ambiguous(turned, "one", "other") == "not one: ambiguous between one and third"


def test_what_would_have_to_change_is_said() -> None:
    """The rule's own remedy, how much is missing and where it may come from, a steward."""
    short = explanation(together=False, threshold=24_000, refusal="other_sex")
    found = changes(short, {"emails": 12_000, "sexes": 500, "suffixes": 4_000, "places": 5_000})
    assert found == (
        RULES["other_sex"].change,
        (
            "3.5 bits more of evidence; not both of them tell: e-mail address (up to 12.0 bits), "
            "place (up to 5.0 bits), suffix of the name (up to 4.0 bits)"
        ),
        STEWARD,
    )
    assert changes(explanation(), {}) == ()


def test_no_steward_is_asked_where_none_may_decide() -> None:
    """Without an agreement nothing is weighed, and no decision helps."""
    told = explanation(together=False, fields={}, total=0, threshold=0, refusal=NO_AGREEMENT)
    assert changes(told, {"names": 9_000}) == (RULES[NO_AGREEMENT].change,)
    assert in_words(told).sum == "not compared"


def test_no_value_of_anybody_is_in_the_words() -> None:
    """What the resolver explains of two records of one name is told without the name."""
    resolver = Resolver()
    one = PersonRecord(names=(Name(("zebulon",), ("quixley",)),), births=("1931-02-07",))
    resolver.apply({"a": one, "b": one}, {})
    told = repr(in_words(resolver.explain("a", "b")))
    assert "date of birth agrees" in told
    assert not any(value in told for value in ("zebulon", "quixley", "1931"))
