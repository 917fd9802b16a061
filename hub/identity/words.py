"""The evidence of a link or a refusal in words a caseworker reads, without any value.

Pure. A field's weight in millibits is told as what it means: how many times likelier its agreement
is between records of one than between those of two.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hub.identity.answers import Explanation
from hub.identity.cluster import AMBIGUOUS, NOT_THE_SAME
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
    "legal_names": "legal name",
    "trade_names": "trade name",
    "owners": "owner or officer",
    "domains": "web or e-mail domain",
    "spellings": "spelling as written",
}


class Rule(NamedTuple):
    """What a rule that keeps two apart says, and what would have to change for it to be silent."""

    says: str
    change: str


CORRECTED = "an agency corrects it in its own record, if it is wrong"
STEWARD = "a steward who knows better decides: hub identity same"
BESIDE = "another value agrees: a name, a date of birth, an address, a telephone number"
RULES = {
    NOT_THE_SAME: Rule(
        "a steward decided that they are not the same",
        "the decision is taken back: hub identity undo",
    ),
    AMBIGUOUS: Rule(
        "another entity suits as well, and nothing says which of them is right",
        "a value becomes known that only one of them shares",
    ),
    NO_AGREEMENT: Rule(
        "their agencies have no agreement to link records",
        "the agencies agree, and the scope file says so; until then nobody may compare them",
    ),
    OTHER_VERIFIED: Rule(
        "both have a verified number of one kind, and the numbers differ",
        "an agency corrects its number, or calls it verified no longer",
    ),
    TOO_MANY: Rule(
        "together they would have more records than anybody has",
        "a value that many share is corrected: look for a placeholder or an office's own",
    ),
    "identifier_alone": Rule("only a claimed number agrees, and nothing beside it", BESIDE),
    "other_suffix": Rule("the suffix of the name (senior, junior) differs", CORRECTED),
    "other_given_name": Rule(
        "another given name speaks against it, as with twins and relatives", CORRECTED
    ),
    "other_birth_date": Rule(
        "another date of birth speaks against it, as with father and son", CORRECTED
    ),
    "other_identifier": Rule("another identification number speaks against it", CORRECTED),
    "other_middle_name": Rule("another middle name speaks against it", CORRECTED),
    "similar_name_other_own": Rule(
        "the given names are only similar, and what is one's own differs", CORRECTED
    ),
    "other_second_surname": Rule(
        "the given names are only similar, and each tells another second surname", CORRECTED
    ),
    "other_sex": Rule("another sex is told, and the given names do not agree", CORRECTED),
    "only_a_namesake": Rule(
        "they may only be namesakes: where they can be reached differs", BESIDE
    ),
    "other_account": Rule(
        "one office keeps an account of each, and where they can be reached differs", BESIDE
    ),
    "same_name_far_away": Rule(
        "only the legal name agrees, and they are in regions that each may have one of that name",
        BESIDE,
    ),
    "only_a_number": Rule("only a claimed number agrees, and nothing beside it", BESIDE),
    "other_legal_name": Rule(
        "another legal name speaks against it, as with a successor or a tenant", CORRECTED
    ),
    "other_legal_form": Rule(
        "the legal forms differ, and they cannot be reached in one way", BESIDE
    ),
    "other_name": Rule("their names differ, and little else says that they are one", BESIDE),
    "only_a_trade_name": Rule(
        "only a trade name agrees, as with shops of one chain; where they are differs", BESIDE
    ),
}
UNFORCED = frozenset({NOT_THE_SAME, NO_AGREEMENT})
"""What no other decision of a steward overrides by itself."""
RARE, UNCOMMON = 10 * MILLI, 5 * MILLI
TENTH = MILLI // 10
SIGNIFICANT_DIGITS = 2
SUGGESTED_MAX = 3


class RunnerUp(NamedTuple):
    """Another entity that one of two may be as well; `weight` in millibits, `refusal` a rule."""

    of: str
    other: str
    weight: int
    refusal: str | None


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
        _sum(found),
        found.model,
    )


def rule(name: str) -> str:
    """What a rule that keeps records apart says; its name where it has no words."""
    return RULES[name].says if name in RULES else name.replace("_", " ")


def runner_up(found: Explanation, one: RunnerUp) -> str:
    """How near another entity is, and what speaks against that one."""
    less = found.total - one.weight
    near = f"{_bits(abs(less))} {'less' if less >= 0 else 'more'} than these two"
    why = "the evidence is short" if one.refusal is None else rule(one.refusal)
    return f"{one.of} may be {one.other} as well: {_bits(one.weight)}, {near}; {why}"


def ambiguous(runners_up: Sequence[RunnerUp], one: str, other: str) -> str:
    """Between which entities it is that nothing says who is right."""
    rivals = [rival for rival in runners_up if rival.refusal == AMBIGUOUS]
    whose = other if all(rival.of == one for rival in rivals) else one
    names = dict.fromkeys((whose, *(rival.other for rival in rivals)))
    if len(names) == 1:
        return f"not one: {rule(AMBIGUOUS)}"
    return f"not one: ambiguous between {' and '.join(names)}"


def changes(found: Explanation, unknown: Mapping[str, int]) -> tuple[str, ...]:
    """What would have to change for the two to be joined; nothing where they are one.

    `unknown` gives, of the fields that not both of them tell, what an agreement weighs at most, in
    millibits.
    """
    if found.together:
        return ()
    told: list[str] = []
    if found.refusal is not None:
        told += [RULES[found.refusal].change] if found.refusal in RULES else []
    if found.refusal != NO_AGREEMENT and found.total < found.threshold:
        short = missing(found.threshold, found.total)
        told.append(f"{_bits(short)} more of evidence{_where_from(unknown)}")
    if found.refusal not in UNFORCED:
        told.append(STEWARD)
    return tuple(told)


def _where_from(unknown: Mapping[str, int]) -> str:
    best = sorted(unknown.items(), key=lambda one: (-one[1], one[0]))[:SUGGESTED_MAX]
    if not best:
        return ""
    fields = ", ".join(f"{FIELDS.get(name, name)} (up to {_bits(cap)})" for name, cap in best)
    return f"; not both of them tell: {fields}"


def _verdict(found: Explanation) -> str:
    if found.together:
        if found.refusal is None and found.total >= found.threshold:
            return "one: their own evidence is enough"
        return "one: by other records, a steward or as the only choice, not by these two alone"
    if found.refusal is not None:
        return f"not one: {rule(found.refusal)}"
    if found.total < found.threshold:
        return f"not one: {_bits(missing(found.threshold, found.total))} of evidence are missing"
    return "not one: the evidence of these two is enough, what is near them speaks against it"


def _sum(found: Explanation) -> str:
    if found.refusal == NO_AGREEMENT:
        return "not compared"
    # what is missing, and what is there, are what is needed: all three are rounded
    needed = round(found.threshold / TENTH) * TENTH
    short = missing(found.threshold, found.total)
    told = needed - short if short else found.total
    return f"{_bits(told)} of evidence; {_bits(needed)} are needed"


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


def missing(threshold: int, total: int) -> int:
    """Whole tenths of bits that are missing, rounded up: short by a hair is not short by nothing.

    All in millibits; 0 where nothing is missing.
    """
    return max(0, -(-(threshold - total) // TENTH) * TENTH)


def _bits(weight: int) -> str:
    return f"{weight / MILLI:.1f} bits"
