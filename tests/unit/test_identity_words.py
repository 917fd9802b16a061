"""Explanations in words: what agreed, how rare it is, what spoke against, and no values."""

import inspect
from typing import Any

from hub.identity import rules
from hub.identity.record import FIELDS, Name, PersonRecord
from hub.identity.resolver import Explanation, Resolver
from hub.identity.words import FIELDS as FIELD_WORDS
from hub.identity.words import RULES, in_words, times


def explanation(**changed: Any) -> Explanation:
    """Two entities that are one, by a name and a date of birth, against a telephone number."""
    told = Explanation(
        "person-2", True, {"names": 13_500, "births": 9_000, "phones": -2_000}, 20_500, 15_000, None
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
    assert found.verdict == f"not one: {RULES['other_given_name']}"
    assert found.speaks_against[0] == RULES["other_given_name"]


def test_too_little_evidence_says_how_much_is_missing() -> None:
    """Below the threshold the missing weight is told."""
    found = in_words(explanation(together=False, threshold=24_000))
    assert found.verdict == "not one: 3.5 bits of evidence are missing"


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
    """No field of persons and no rule is told by its technical name."""
    assert set(FIELDS) == set(FIELD_WORDS)
    source = inspect.getsource(rules)
    named = {name for name in RULES if f'"{name}"' in source}
    assert named == {
        part
        for part in source.split('"')[1::2]
        if part.startswith(("other_", "only_", "similar_", "identifier_"))
    }


def test_no_value_of_anybody_is_in_the_words() -> None:
    """What the resolver explains of two records of one name is told without the name."""
    resolver = Resolver()
    one = PersonRecord(names=(Name(("zebulon",), ("quixley",)),), births=("1931-02-07",))
    resolver.apply({"a": one, "b": one}, {})
    told = repr(in_words(resolver.explain("a", "b")))
    assert "date of birth agrees" in told
    assert not any(value in told for value in ("zebulon", "quixley", "1931"))
