"""What keeps two groups of records of organisations apart although their evidence would join them.

Each rule has a name, as those of persons have. They guard what weights cannot tell: that shops of a
franchise share a trade name, and a successor his predecessor's too, with address and telephone;
that a landlord's address and an accountant's telephone are many businesses'; that companies of a
group have nearly one name; and that a number may be mistyped, borrowed or one's agent's.
"""

from collections import Counter
from collections.abc import Callable, Collection, Container, Iterator, Mapping
from typing import Any

from hub.identity import schemes
from hub.identity.organisation_names import (
    DOMAIN,
    EXCHANGED,
    is_of_domain,
    legal_level,
    words_level,
)
from hub.identity.organisation_normalise import GENERIC
from hub.identity.organisation_record import (
    ADDRESSES,
    DOMAINS,
    IDENTIFIERS,
    LEGAL_NAMES,
    NAMES,
    OWNERS,
    PHONES,
    PLACES,
    POSTCODES,
    REGIONS,
    TRADE_NAMES,
    LegalName,
    Words,
)
from hub.identity.profile import Held, Pair
from hub.identity.vetoes import OTHER_VERIFIED, verified_otherwise
from hub.identity.weigh import milli

AGREES = milli(4)
"""From here on a number, a telephone, a domain or a name counts as agreeing."""
SOME = milli(1)
CONTRADICTS = milli(-3)
CLEARLY = milli(5)
"""So far over the threshold a name is one business's alone among those known."""
ADDRESSES_MAX = 4
"""Who moves has addresses of no more house numbers than these; streets are often mistyped."""
WAYS_ENOUGH = 2
OUTVOTED = 0.8
"""From this share of contradictions on the legal names that agree are strays."""
CONTRADICTIONS = frozenset({"part", "number", "other"})
ONE_NAME = frozenset({"same", "same_words"})
DOUBTS = frozenset({"close", "short"})
APART = CONTRADICTIONS | {"short", "sibling"}


def refusal(pair: Pair) -> str | None:
    """The name of the first rule that keeps the two apart; None where none does."""
    if verified_otherwise(pair.a, pair.b):
        return OTHER_VERIFIED
    if not set(pair.a.verified).isdisjoint(pair.b.verified):
        return None
    number = pair.weight(IDENTIFIERS)
    if number > AGREES:
        return None if _seconded(pair) else "only_a_number"
    if number < CONTRADICTS and not _mistyped(pair):
        return "other_identifier"
    return _by_names(pair)


def _by_names(pair: Pair) -> str | None:
    """Without a number that agrees, names must be one legal person's."""
    levels = _levels(pair, LEGAL_NAMES, legal_level)
    if not levels:
        return _by_trade_names(pair)
    if EXCHANGED.in_both(pair.a.fields, pair.b.fields):
        return _by_place(pair, ONE_NAME) if _elsewhere(pair) else None
    contradict = sum(records for one, records in levels.items() if one in CONTRADICTIONS)
    if contradict > OUTVOTED * sum(levels.values()):
        return "other_legal_name"
    if levels.keys() <= CONTRADICTIONS | DOUBTS | {"form"}:
        doubt = _in_doubt(pair, levels)
        if doubt is not None:
            return doubt
    return _by_place(pair, levels) if _elsewhere(pair) else None


def _by_place(pair: Pair, levels: Collection[str]) -> str | None:
    """One legal name, elsewhere, and nothing else of their own: a firm that moved, or two.

    `levels`: how their names agree; where it is but nearly, telephone and domain must not differ.
    """
    if ONE_NAME.isdisjoint(levels) and min(map(pair.weight, (PHONES, DOMAINS))) < 0:
        return "other_legal_name"
    if _accounts_differ(pair):
        return "other_account"
    if pair.names_tell_little:
        return "only_a_namesake"
    if _is_far(pair) and not _own_trade_name(pair):
        return "same_name_far_away"
    return None if _registered(pair) or pair.weight(TRADE_NAMES) > 0 else "only_a_namesake"


def _over(pair: Pair) -> int:
    """By how much more speaks for two than must, without a domain that says their name again."""
    if pair.weight(DOMAINS) <= 0:
        return pair.over
    told = {words for one in (pair.a, pair.b) for words in one.fields[NAMES] or ()}
    written = {DOMAIN + "".join(words) for words in told if not is_of_domain(words)}
    again = any(words[0] in written for words in told if is_of_domain(words))
    return pair.over - (pair.weight(DOMAINS) if again else 0)


def _in_doubt(pair: Pair, levels: Mapping[str, int]) -> str | None:
    """Where no legal name agrees, but some nearly: enough else must."""
    if "short" in levels and not _is_known_by_more(pair):
        return "other_legal_name"
    if "close" in levels and not _is_copied(pair):
        return "other_legal_name"
    return None if _reached(pair) else "other_legal_form"


def _by_trade_names(pair: Pair) -> str | None:
    """Where one has no legal name, any names must agree, and where they are not be elsewhere.

    Who tells no name at all is who is known by one at the same premises, or reached alike.
    """
    named = [bool(side.fields[NAMES]) for side in (pair.a, pair.b)]
    if not all(named):
        known = any(named) and _at_one_house(pair, AGREES)
        return None if known or _reached_by_own(pair) else "other_name"
    levels = _levels(pair, NAMES, words_level).keys()
    written = _levels(pair, NAMES, words_level, leave_out=is_of_domain).keys()
    if "sibling" in written and written <= APART:
        return "other_name"
    if levels <= APART and _ways(pair) < WAYS_ENOUGH and not _is_cut_short(pair, levels):
        return "other_name"
    return "only_a_trade_name" if _elsewhere(pair) and not _may_have_moved(pair) else None


def _is_cut_short(pair: Pair, levels: Container[str]) -> bool:
    """Whether one name begins the other, and both are told of the same premises."""
    return (_at_one_house(pair, SOME) or _at_one_postcode(pair)) and "short" in levels


def _at_one_house(pair: Pair, least: int) -> bool:
    """Whether addresses weigh more than that, beside a postcode that agrees."""
    return pair.weight(ADDRESSES) > least and pair.weight(POSTCODES) > SOME


def _may_have_moved(pair: Pair) -> bool:
    """Whether a name is so rare, and its addresses so few, that it is hardly a franchise's."""
    sides = (pair.a, pair.b)
    legal = any(side.fields[LEGAL_NAMES] for side in sides)
    houses = {one.number or one.street for side in sides for one in side.fields[ADDRESSES] or ()}
    rare = _over(pair) > CLEARLY and not pair.names_tell_little
    return rare and legal and len(houses) <= ADDRESSES_MAX


def _elsewhere(pair: Pair) -> bool:
    """Whether they are known to be elsewhere, and nothing else says where they are reached.

    By addresses that differ; where one tells none, by towns.
    """
    if _reached(pair):
        return False
    if pair.known(ADDRESSES):
        return pair.weight(ADDRESSES) < SOME or _in_another_town(pair)
    return _towns_differ(pair) and pair.weight(PLACES) <= 0


def _at_one_postcode(pair: Pair) -> bool:
    """Whether a rare postcode agrees beside a rare name, and one tells no number of a house.

    What may stand there instead is a building, a floor or a campus, of which there are many names.
    """
    numbered = (
        any(one.number for one in side.fields[ADDRESSES] or ()) for side in (pair.a, pair.b)
    )
    return pair.weight(POSTCODES) > AGREES and _over(pair) > CLEARLY and not all(numbered)


def _is_far(pair: Pair) -> bool:
    """Whether they are in places of regions that differ, each of which has its own register.

    Where regions are not told, in places that differ, and under another trade name, domain or
    telephone.
    """
    if not _towns_differ(pair):
        return False
    if pair.a.fields[REGIONS] and pair.b.fields[REGIONS]:
        return _differ(pair, REGIONS)
    return pair.weight(TRADE_NAMES) < CONTRADICTS or min(map(pair.weight, (DOMAINS, PHONES))) < 0


def _towns_differ(pair: Pair) -> bool:
    """Whether places differ, or where they are not told postcodes of regions that differ."""
    if pair.known(PLACES):
        return _differ(pair, PLACES)
    return _differ(pair, POSTCODES) and _differ(pair, REGIONS)


def _differ(pair: Pair, field: int) -> bool:
    """Whether both tell a field, and no value of it is the same."""
    ours, theirs = ({*(one.fields[field] or ())} for one in (pair.a, pair.b))
    return bool(ours and theirs) and ours.isdisjoint(theirs)


def _own_trade_name(pair: Pair) -> bool:
    """Whether a trade name agrees that is more than words of the legal name."""
    if pair.weight(TRADE_NAMES) <= 0:
        return False
    trade, legal = (
        [set(words) for one in (pair.a, pair.b) for words in _words(one.fields[field])]
        for field in (TRADE_NAMES, LEGAL_NAMES)
    )
    return not any(one <= name for one in trade for name in legal)


def _words(held: Held) -> Iterator[Words]:
    return (one.words if isinstance(one, LegalName) else one for one in held or ())


def _accounts_differ(pair: Pair) -> bool:
    """Whether one office keeps accounts of both; they have none in common, or it would be one."""
    ours, theirs = ({name for name, _ in one.verified} for one in (pair.a, pair.b))
    return not (ours & theirs).isdisjoint(schemes.known())


def _seconded(pair: Pair) -> bool:
    """Whether anything but a claimed number speaks for the two."""
    return pair.weight(NAMES) >= AGREES or _reached(pair)


def _mistyped(pair: Pair) -> bool:
    """Another claimed number: mistyped where one record alone tells it and all else agrees."""
    if pair.told_twice(IDENTIFIERS):
        return False
    return pair.weight(LEGAL_NAMES) > 0 and _reached(pair)


def _reached(pair: Pair) -> bool:
    """Whether they are reached in one way."""
    return _ways(pair) > 0


def _ways(pair: Pair) -> int:
    """In how many ways they are reached alike: premises or next door, telephone, domain, owner.

    As premises counts what `_at_one_postcode` takes for them.
    """
    premises = pair.weight(ADDRESSES) > SOME and not _in_another_town(pair)
    return (premises or _at_one_postcode(pair)) + _reached_by_own(pair)


def _reached_by_own(pair: Pair) -> int:
    """In how many of the ways that no neighbours share: telephone, domain, owner.

    A domain is made of a name that others have as well, or is all of a chain's: it says nothing of
    that kind at other premises with another telephone, or in another town.
    """
    own = sum(pair.weight(field) > AGREES for field in (PHONES, OWNERS))
    return own + (pair.weight(DOMAINS) > AGREES and not _is_branch(pair))


def _is_branch(pair: Pair) -> bool:
    """Whether premises differ, and telephones or towns: places and postcodes that are told.

    Premises are enough where many have one name.
    """
    if not pair.known(ADDRESSES):
        return False
    if pair.weight(ADDRESSES) >= SOME and not _in_another_town(pair):
        return False
    if pair.names_tell_little:
        return True
    return pair.weight(PHONES) < 0 or pair.contradict((PLACES, POSTCODES))


def _in_another_town(pair: Pair) -> bool:
    """Whether place and postcode or region are others: each town has a Main Street.

    A place alone may be a part of the other.
    """
    return pair.weight(PLACES) < 0 and pair.contradict((POSTCODES, REGIONS))


def _levels(
    pair: Pair,
    field: int,
    level: Callable[[Any, Any], str],
    leave_out: Callable[[Any], bool] = lambda _: False,
) -> Mapping[str, int]:
    """How many pairs of records have each level between their names; none where one has none.

    What domains say is nothing in common where these are many businesses', as a provider's is.
    """
    nobodys = field == NAMES and pair.known(DOMAINS) and pair.weight(DOMAINS) <= 0
    found: Counter[str] = Counter()
    ours, theirs = (
        [
            (value, often)
            for value, often in (one.fields[field] or {}).items()
            if not leave_out(value)
        ]
        for one in (pair.a, pair.b)
    )
    for a, often in ours:
        for b, as_often in theirs:
            if nobodys and is_of_domain(a) and is_of_domain(b):
                continue
            found["same" if a == b else level(min(a, b), max(a, b))] += often * as_often
    return found


def _is_known_by_more(pair: Pair) -> bool:
    """Whether a name of which words are missing is one's own: by trade name, or in two ways."""
    trade = pair.weight(TRADE_NAMES)
    return _ways(pair) > (0 if trade > 0 else 1) and trade >= 0


def _is_copied(pair: Pair) -> bool:
    """Whether so much else agrees that a legal name that is nearly the same is mistyped."""
    trade = pair.weight(TRADE_NAMES)
    if trade > 0 and _over(pair) > CLEARLY:
        return True
    return _ways(pair) > (1 if trade < 0 else 0)


def _registered(pair: Pair) -> bool:
    """Whether a side's legal name is no person's: it has a legal form, or a word says the trade."""
    return any(
        name.form or not GENERIC.isdisjoint(name.words)
        for one in (pair.a, pair.b)
        for name in one.fields[LEGAL_NAMES] or ()
    )
