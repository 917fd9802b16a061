"""The evidence of a link or a refusal in words a caseworker reads, without any value.

Pure. A field's weight in millibits is told as what it means: how many times likelier its agreement
is between records of one than between those of two.
"""

from collections.abc import Mapping
from typing import NamedTuple

from hub.identity.cluster import AMBIGUOUS, NOT_THE_SAME
from hub.identity.resolver import Explanation
from hub.identity.vetoes import NO_AGREEMENT, OTHER_VERIFIED, TOO_MANY
from hub.identity.weigh import MILLI

FIELDS = {
    "names": "name",
    "middles": "middle name",
    "suffixes": "suffix of the name",
    "births": "date of birth",
    "identifiers": "identification number",
    "addresses": "address",
    "postcodes": "postcode",
    "places": "place",
    "regions": "region",
    "phones": "telephone number",
    "emails": "e-mail address",
    "sexes": "sex",
}
RULES = {
    NOT_THE_SAME: "a steward decided that they are not the same",
    AMBIGUOUS: "another entity suits as well, and nothing says which of them is right",
    NO_AGREEMENT: "their agencies have no agreement to link records",
    OTHER_VERIFIED: "both have a verified number of one kind, and the numbers differ",
    TOO_MANY: "together they would have more records than anybody has",
    "identifier_alone": "only a claimed number agrees, and nothing beside it",
    "other_suffix": "the suffix of the name (senior, junior) differs",
    "other_given_name": "another given name speaks against it, as with twins and relatives",
    "other_birth_date": "another date of birth speaks against it, as with father and son",
    "other_identifier": "another identification number speaks against it",
    "other_middle_name": "another middle name speaks against it",
    "similar_name_other_own": "the given names are only similar, and what is one's own differs",
    "other_sex": "another sex is told, and the given names do not agree",
    "only_a_namesake": "name and birthday may agree, but where they can be reached differs",
}
RARE, UNCOMMON = 10 * MILLI, 5 * MILLI
SIGNIFICANT_DIGITS = 2


class Words(NamedTuple):
    """An explanation in sentences, the strongest evidence first.

    `correction` is what fields that a household shares count less, because they repeat each other.
    """

    verdict: str
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    correction: str | None
    sum: str
    model: str


def in_words(found: Explanation) -> Words:
    """An explanation of two records or entities, as sentences without any value."""
    ordered = sorted(found.fields.items(), key=lambda one: (-abs(one[1]), one[0]))
    against = [_against(name, weight) for name, weight in ordered if weight < 0]
    if found.refusal is not None:
        against.insert(0, rule(found.refusal))
    return Words(
        _verdict(found),
        tuple(_for(name, weight) for name, weight in ordered if weight > 0),
        tuple(against),
        _correction(found.fields, found.total),
        f"{_bits(found.total)} of evidence; {_bits(found.threshold)} are needed",
        found.model,
    )


def rule(name: str) -> str:
    """What a rule that keeps records apart says; its name where it has no words."""
    return RULES.get(name, name.replace("_", " "))


def _verdict(found: Explanation) -> str:
    if found.together:
        if found.refusal is None and found.total >= found.threshold:
            return "one: their own evidence is enough"
        return "one: by other records, a steward or as the only choice, not by these two alone"
    if found.refusal is not None:
        return f"not one: {rule(found.refusal)}"
    if found.total < found.threshold:
        return f"not one: {_bits(found.threshold - found.total)} of evidence are missing"
    return "not one: the evidence of these two is enough, what is near them speaks against it"


def _for(name: str, weight: int) -> str:
    rarity = "rare" if weight >= RARE else "uncommon" if weight >= UNCOMMON else "common"
    likelier = f"{times(weight)} times likelier if they are one"
    return f"{FIELDS.get(name, name)} agrees ({rarity}: {likelier})"


def _against(name: str, weight: int) -> str:
    return f"{FIELDS.get(name, name)} differs ({times(-weight)} times likelier if they are two)"


def _correction(fields: Mapping[str, int], total: int) -> str | None:
    less = sum(fields.values()) - total
    if not less:
        return None
    return f"{_bits(less)} counted less: what a household shares says the same again"


def times(weight: int) -> str:
    """A weight in millibits as a ratio, to two digits."""
    ratio = 2 ** (weight / MILLI)
    if ratio < 10:  # noqa: PLR2004 - one decimal says enough
        return f"{ratio:.1f}"
    digits = SIGNIFICANT_DIGITS - len(str(int(ratio)))
    return f"{int(round(ratio, digits)):,}"


def _bits(weight: int) -> str:
    return f"{weight / MILLI:.1f} bits"
