"""What keeps two groups of records apart although their evidence would join them.

Each rule has a name, which explanations and metrics use. They guard what weights cannot tell: that
members of a household share address, telephone and names, that a father and his son share the full
name, twins the date of birth, and that namesakes exist.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations, product
from typing import Any

from hub.identity.evidence import compare_given
from hub.identity.name_words import alike, few_errors, is_initial
from hub.identity.names import agreement, given_names
from hub.identity.profile import TWICE, Pair
from hub.identity.record import (
    ADDRESSES,
    BIRTHS,
    EMAILS,
    FIELDS,
    IDENTIFIERS,
    MIDDLES,
    NAMES,
    PHONES,
    PLACES,
    POSTCODES,
    SEXES,
    SUFFIXES,
    Name,
    PersonRecord,
)
from hub.identity.weigh import milli

HOUSEHOLD = (ADDRESSES, POSTCODES, PLACES, PHONES)
"""Fields that people of one household share: they say little more together than the best alone."""
OWN = (BIRTHS, IDENTIFIERS, EMAILS)
"""Fields that people of one household do not share, but for twins and couples."""
YEAR = 4
"""So many signs of a date are its year."""
GENERATION_YEARS = 14
"""So much older a parent is at least."""
AGREES = milli(4)
"""From here on a date of birth or a number counts as agreeing."""
SAME_EMAIL = milli(8)
SAME_ADDRESS = milli(8)
MIDDLE_AGREES = milli(2)
CONTRADICTS = milli(-3)
AGAINST = milli(-1)
"""Below this a field speaks against; a value that nearly all share weighs a little under 0."""
WELL_OVER = milli(6)
OVER_WITH_ONE, OVER_WITH_TWO = milli(9), milli(4)
SECOND_EVIDENCE = milli(2)
"""What must speak for a pair besides a number that is only claimed."""
CONTACTS = ((ADDRESSES, POSTCODES, PLACES), (PHONES,), (EMAILS,), (IDENTIFIERS,))
ELSEWHERE_MAX = 2
"""In how many of the contacts two may differ who share name and date of birth and nothing else."""


def are_strangers(a: PersonRecord, b: PersonRecord) -> bool:
    """Whether two records are as those of two people of one home: no question for a steward.

    Their given names contradict each other, and nothing that a home does not share is the same.
    """
    for field in OWN:
        ours, theirs = a[field], b[field]
        if ours and theirs and not {*ours}.isdisjoint(theirs):
            return False
    told = [(one, other) for one in a.names for other in b.names]
    return bool(told) and all(given_names(one, other) < 0 for one, other in told)


def _strong(pair: Pair) -> bool:
    """Whether a number or an e-mail address agrees, which households do not share."""
    return pair.weight(IDENTIFIERS) > AGREES or pair.weight(EMAILS) > SAME_EMAIL


def refusal(pair: Pair) -> str | None:
    """The name of the first rule that keeps the two apart; None where none does."""
    if _by_identifier_alone(pair):
        return "identifier_alone"
    if _by_verified_alike(pair):
        return "other_identifier"
    if pair.weight(SUFFIXES) < AGAINST:
        return "other_suffix"
    given = compare_given(pair.a, pair.b, pair.is_usual, pair.is_strange)
    contradict = given.contradict
    # without dates of birth a couple looks as one person does who is called by another name
    other_given = contradict > given.agree and not _tell_births(pair)
    if pair.weight(BIRTHS) <= AGREES or _is_one_home(pair):
        # names that are alike by half are those of brothers and sisters, of one home even of twins
        contradict += given.distant
    other_given |= pair.families and contradict > given.agree
    if other_given and (_is_another_name(pair) or not _outweighs_given(pair)):
        return "other_given_name"
    names_agree = given.agree > 0
    found = None if _strong(pair) else _without_strong(pair, names_agree=names_agree)
    if found is not None or not pair.families:
        return found
    return _of_one_home(pair, names_agree=names_agree, names_differ=contradict > 0)


def _tell_births(pair: Pair) -> bool:
    return bool(pair.a.fields[BIRTHS] and pair.b.fields[BIRTHS])


def _by_identifier_alone(pair: Pair) -> bool:
    """Whether a number agrees that is not verified on both sides, and nothing else does."""
    if pair.weight(IDENTIFIERS) <= 0 or {*pair.a.verified} & {*pair.b.verified}:
        return False
    return all(
        pair.weight(field) < SECOND_EVIDENCE for field in range(len(FIELDS)) if field != IDENTIFIERS
    )


def _by_verified_alike(pair: Pair) -> bool:
    """Whether it is needed that two verified numbers of one scheme are alike.

    Which is chance then: what was verified is not mistyped.
    """
    weight = pair.weight(IDENTIFIERS)
    if weight <= 0 or pair.over >= weight or not {*pair.a.verified}.isdisjoint(pair.b.verified):
        return False
    ours, theirs = ({scheme for scheme, _ in one.verified} for one in (pair.a, pair.b))
    return not ours.isdisjoint(theirs)


def _of_one_home(pair: Pair, *, names_agree: bool, names_differ: bool) -> str | None:
    """Fathers and sons, and namesakes: another date of birth, another number."""
    home = max(pair.weight(ADDRESSES), pair.weight(PHONES)) > AGREES
    one_self = names_agree and not names_differ and home and _one_year(pair)
    if pair.weight(BIRTHS) < CONTRADICTS and not one_self and not _outweighs_birth(pair):
        return "other_birth_date"
    other = pair.weight(IDENTIFIERS) < CONTRADICTS
    if other and not _outweighs_identifier(pair, names_agree=names_agree):
        return "other_identifier"
    return None


def _one_year(pair: Pair) -> bool:
    """Whether both were born in one year, as a father and his son are not."""
    years, others = ({_year(one) for one in held.fields[BIRTHS] or ()} for held in (pair.a, pair.b))
    return not years.isdisjoint(others)


def _year(birth: Any) -> str:
    """The year of a date, or the token of one."""
    return birth[:YEAR] if isinstance(birth, str) else str(birth.year)


def _is_one_home(pair: Pair) -> bool:
    return max(pair.weight(ADDRESSES), pair.weight(PHONES)) > SAME_ADDRESS


def _outweighs_given(pair: Pair) -> bool:
    """Another given name: by a number or e-mail address well over, or by all a twin has not.

    Couples share an e-mail address as they share a home: there it says nothing of its own.
    """
    number, birth = pair.weight(IDENTIFIERS) > AGREES, pair.weight(BIRTHS) > AGREES
    email = pair.weight(EMAILS) > SAME_EMAIL
    if pair.weight(IDENTIFIERS) < 0 or pair.weight(MIDDLES) < AGAINST:
        return False
    household = max(pair.weight(field) for field in HOUSEHOLD)
    one_home = household > SAME_ADDRESS
    not_a_twin = birth and pair.weight(MIDDLES) > MIDDLE_AGREES and one_home
    if not (number or (email and (birth or not one_home)) or not_a_twin):
        return False
    return pair.over >= (OVER_WITH_TWO if number + birth + email >= TWICE else OVER_WITH_ONE)


def _is_another_name(pair: Pair) -> bool:
    """Whether neither given name nor surname has anything in common, and no number is verified.

    A number and a birthday are another's by mistake more often than both names change.
    """
    if not {*pair.a.verified}.isdisjoint(pair.b.verified):
        return False
    told = [
        agreement(*sorted(two))
        for two in product(pair.a.fields[NAMES] or (), pair.b.fields[NAMES] or ())
    ]
    return all(
        how.other_given
        and how.other_surname
        and not (how.exact or how.fuzzy or how.nickname or how.initial)
        for how in told
    )


def _without_strong(pair: Pair, *, names_agree: bool) -> str | None:
    middle = pair.weight(MIDDLES)
    if middle < 0 and (pair.weight(BIRTHS) < AGREES or pair.told_twice(MIDDLES)):
        return "other_middle_name"
    somewhere = any(pair.weight(field) > milli(1) for fields in CONTACTS for field in fields)
    own = [MIDDLES, IDENTIFIERS, EMAILS] if pair.families else [MIDDLES]
    differs = any(pair.weight(field) < 0 for field in own)
    if not somewhere and pair.weight(BIRTHS) <= AGREES:
        # names alone speak for them: it is enough that what is one's own does not agree
        differs |= pair.known(IDENTIFIERS) or pair.known(EMAILS)
    if differs and not _same_given(pair) and not _is_mistyped_given(pair):
        return "similar_name_other_own"
    if _other_second_surname(pair) and not _one_given(pair):
        return "other_second_surname"
    if pair.weight(SEXES) < AGAINST and not names_agree:
        return "other_sex"
    elsewhere = sum(1 for fields in CONTACTS if pair.contradict(fields))
    limit = ELSEWHERE_MAX if pair.weight(BIRTHS) > AGREES else ELSEWHERE_MAX - 1
    if not somewhere and elsewhere > limit:
        return "only_a_namesake"
    return None


def _is_mistyped_given(pair: Pair) -> bool:
    """Whether given names are one but for an error or two, and all else is well over.

    A birthday, or address and telephone, must agree: a telephone alone is a home's.
    Of twins with names a letter apart both names are usual, or each has an e-mail address that is
    made of hers; a name that others hardly have, and no address tells, was mistyped.
    """
    home = min(pair.weight(ADDRESSES), pair.weight(PHONES)) > AGREES
    if pair.over < WELL_OVER or not (home or pair.weight(BIRTHS) > AGREES):
        return False
    if pair.weight(IDENTIFIERS) < 0 or pair.weight(MIDDLES) < 0:
        return False
    ours, theirs = (one.fields[EMAILS] or () for one in (pair.a, pair.b))
    return any(
        alike(one, other) == "fuzzy"
        and few_errors(one, other)
        and not (pair.is_usual(one) and pair.is_usual(other))
        and not (_tells(ours, one) and _tells(theirs, other))
        for name in pair.a.fields[NAMES] or ()
        for other_name in pair.b.fields[NAMES] or ()
        for one, other in product(name.given, other_name.given)
    )


def _tells(emails: Iterable[str], given: str) -> bool:
    """Whether an e-mail address is made of a given name."""
    return any(given in email for email in emails)


def _begin_alike(name: Name, other: Name) -> bool:
    """Whether one name begins with the initial of the first given name of the other."""
    if not name.given or not other.given:
        return False
    first, second = name.given[0], other.given[0]
    return is_initial(first) != is_initial(second) and alike(first, second) == "initial"


def _same_given(pair: Pair) -> bool:
    """Whether a given name is the same on both sides, or short for it; True where one has none.

    Of a name that begins with an initial (L. Carrol) it is the first that counts.
    """
    ours, theirs = (one.fields[NAMES] or () for one in (pair.a, pair.b))
    if ours and theirs and all(_begin_alike(one, other) for one, other in product(ours, theirs)):
        return True
    left, right = [
        {token for name in held for token in name.given if not is_initial(token)}
        for held in (ours, theirs)
    ]
    if not left or not right:
        return True
    all_left, all_right = (
        {token for name in held for token in (*name.given, *name.surname)}
        for held in (ours, theirs)
    )
    if left & all_right or right & all_left:
        return True
    return any(alike(x, y) == "nickname" for x in left for y in right)


def _other_second_surname(pair: Pair) -> bool:
    """Whether both tell two surnames, such as that of birth, and never the same two.

    Two women of one home who married into one family have names of birth of their own.
    """
    told = [
        (one, other)
        for one, other in product(pair.a.fields[NAMES] or (), pair.b.fields[NAMES] or ())
        if _has_two(one.surname) and _has_two(other.surname)
    ]
    return bool(told) and all(agreement(*sorted(two)).other_surname for two in told)


def _has_two(surnames: Sequence[str]) -> bool:
    """Whether there are two, and not one that is told again with a typing error."""
    return any(alike(*two) is None for two in combinations(surnames, 2))


def _one_given(pair: Pair) -> bool:
    """Whether a given name is the same on both sides."""
    left, right = (
        {token for name in one.fields[NAMES] or () for token in name.given}
        for one in (pair.a, pair.b)
    )
    return not left.isdisjoint(right)


def _outweighs_birth(pair: Pair) -> bool:
    """Another date of birth (a father, a son): by what a household does not share, well over.

    By an e-mail address without that where no generation lies between the two.
    """
    if pair.weight(IDENTIFIERS) < 0 or pair.weight(MIDDLES) < AGAINST:
        return False
    if pair.weight(EMAILS) > SAME_EMAIL and pair.over >= 0 and _one_generation(pair):
        return True
    own = _strong(pair) or pair.weight(MIDDLES) > MIDDLE_AGREES
    return own and pair.over >= WELL_OVER


def _one_generation(pair: Pair) -> bool:
    """Whether all years of birth are nearer than those of parents and children; not blind ones."""
    told = [birth for one in (pair.a, pair.b) for birth in one.fields[BIRTHS] or ()]
    if not all(isinstance(birth, str) and birth[:YEAR].isdigit() for birth in told):
        return False
    years = [int(birth[:YEAR]) for birth in told]
    return max(years) - min(years) < GENERATION_YEARS


def _outweighs_identifier(pair: Pair, *, names_agree: bool) -> bool:
    """Another number: mistyped or borrowed where only one record tells it, and the rest agrees."""
    if pair.told_twice(IDENTIFIERS):
        return False
    if pair.weight(BIRTHS) > AGREES or pair.weight(EMAILS) > SAME_EMAIL:
        return True
    if pair.weight(MIDDLES) > MIDDLE_AGREES:
        return True
    return names_agree and pair.over >= WELL_OVER
