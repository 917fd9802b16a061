"""What two names of persons weigh, by their tokens, and what they weigh at the most.

Most pairs of records that share keys are far from a link by all else they tell, however alike their
names may be. What these weigh at the most takes a tenth of the time that comparing them takes.
"""

from collections.abc import Mapping
from math import log2
from typing import Any, NamedTuple

from hub.identity.kind import Same
from hub.identity.name_words import few_errors
from hub.identity.names import agreement
from hub.identity.record import Name
from hub.identity.weigh import (
    MILLI,
    NEVER_TOLD,
    SPOILT_NAMES,
    TOLD_TWICE,
    milli,
    nobody_else_has,
)

USUAL_TOKENS = 2
"""How many words the names have for which the weights of words are told."""
TYPED_LEAST = -1 * MILLI
CONTRADICTIONS = ("other_given", "other_surname", "left_over")
"""Levels that weigh more than nothing only where weights were trained on odd data."""
APART = (*CONTRADICTIONS, "distant")
"""Levels of what two names have not in common; of spoilt ones it is SPOILT_NAMES."""


def weigh_names(same: Same, levels: Mapping[str, int], a: Name, b: Name) -> int:
    """What two names of persons weigh: each token that agrees, and what contradicts."""
    how = agreement(a, b)
    found = sum(same(token) for token in how.exact)
    for one, other in how.typed:
        found += _typed(same, levels, one, other) - levels["fuzzy"]
    found += how.fuzzy * levels["fuzzy"] + how.nickname * levels["nickname"]
    found += how.initial * levels["initial"]
    given, surname, rest, distant = APART
    if SPOILT_NAMES[0] in levels and _has_strange(same, a, b):
        given, surname, rest, distant = SPOILT_NAMES
    found += how.other_given * levels[given] + how.other_surname * levels[surname]
    return found + how.left_over * levels[rest] + how.distant * levels[distant]


def _has_strange(same: Same, a: Name, b: Name) -> bool:
    """Whether one of these names has a word that nobody else has."""
    return any(nobody_else_has(same, word) for part in (*a, *b) for word in part)


def _typed(same: Same, levels: Mapping[str, int], one: str, other: str) -> int:
    """What two tokens weigh that a typing error may have made of one.

    What an error makes is seldom a name that others have. Two that are usual are two names, however
    alike (Lea, Lena). Between a usual name and one that few have, or two in a small file, it weighs
    the more, the rarer the rarer of them is. Where that is an error's, others hardly have it but
    by the same error: then the name meant weighs nearly as if it were told, if few have it, and if
    no more than two errors lie between them.
    """
    fuzzy, usual = levels["fuzzy"], levels.get("usual")
    if usual is None:
        return fuzzy
    meant, rarer = sorted((same(one), same(other)))
    full = min(usual + fuzzy, same(NEVER_TOLD) - TOLD_TWICE)
    if rarer >= full:
        if not few_errors(one, other):
            return fuzzy
        return max(fuzzy, min(levels["typed_cap"], meant - levels["typed_less"]))
    share = (rarer - usual) / (full - usual) if full > usual else 0
    return max(TYPED_LEAST, round(fuzzy * share))


def less_in_long_names(a: Name, b: Name) -> int:
    """How much less an equal token weighs in two names than in names of two tokens.

    A token is found by chance in a long name more easily than in a short one.
    """
    return _less(len(a.given) + len(a.surname) + len(b.given) + len(b.surname))


def _less(tokens: int) -> int:
    return milli(log2(tokens / (2 * USUAL_TOKENS)))


class MostOfName(NamedTuple):
    """What a name weighs at the most, in millibits.

    `weight`: beside one that has none of its tokens; `more`: with each that the other has too.
    `short`: how much more beside one of a single token; `cut`: beside one whose surname is not of
    so many tokens, for it may be the same that is cut in another way.
    """

    weight: int
    more: Mapping[Any, int]
    short: int
    surname: int
    cut: int

    def beside(self, other: Any) -> int:
        """What the two weigh at the most, in millibits."""
        given, surname = other.given, other.surname
        found, more = self.weight, self.more
        for token in given:
            if token in more:
                found += more[token]
        for token in surname:
            if token in more:
                found += more[token]
        if len(given) + len(surname) == 1:
            found += self.short
        return found if self.surname == len(surname) else found + self.cut


def most_of_name(same: Same, levels: Mapping[str, int], name: Any) -> MostOfName:
    """What a name weighs at the most, by what `weigh_names` makes of its tokens.

    A token that the other lacks is alike at best, or a typing error away from one that is rare.
    """
    cut = max(0, levels["fuzzy"])
    alike = max(cut, levels["nickname"], levels["initial"], levels["distant"])
    alike = max(alike, levels.get("spoilt_distant", alike))
    typed_less, cap = levels.get("typed_less", 0), levels.get("typed_cap", 0)
    tokens = (*name.given, *name.surname)
    less = min(0, _less(len(tokens) + 2))
    weight, more = sum(max(0, levels[one]) for one in CONTRADICTIONS), dict[Any, int]()
    for token in tokens:
        told = same(token) - less
        typed = max(alike, min(cap, told - typed_less))
        weight += typed
        more[token] = max(more.get(token, 0), told - typed)
    short = len(tokens) * (less - min(0, _less(len(tokens) + 1)))
    return MostOfName(weight, more, short, len(name.surname), cut)
