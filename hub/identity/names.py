"""How names agree: token by token, over both parts, with nicknames, typing errors and initials."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from hub.identity.name_words import alike, is_distant, is_initial, is_spelling
from hub.identity.normalise import PARTICLES
from hub.identity.record import Name

CACHED = 2_000
GLUED_FROM = 4
PARTICLE_BETWEEN, PARTICLE_BESIDE = 3, 2
"""Of how many given names on, and words of a surname, one may be a particle."""


FUZZY, NICKNAME, INITIAL = range(3)
"""Where the tokens that are alike in one of these ways are counted."""
HOW = {"fuzzy": FUZZY, "nickname": NICKNAME, "initial": INITIAL}
_Tokens = list[tuple[str, int]]
"""Tokens of a name with their parts: 0 of the given names, 1 of the surname."""


class NameAgreement(NamedTuple):
    """What two names have in common, and where they contradict each other.

    `typed` are those of the fuzzy tokens that only typing errors may have made different.
    """

    exact: tuple[str, ...]
    fuzzy: int
    nickname: int
    initial: int
    distant: int
    distant_given: bool
    other_given: bool
    other_surname: bool
    left_over: bool
    typed: tuple[tuple[str, str], ...] = ()


@lru_cache(CACHED)
def agreement(x: Name, y: Name) -> NameAgreement:
    """Compare two names; tokens may stand in the other part, but prefer their own."""
    if len(x.given) == len(x.surname) == len(y.given) == len(y.surname) == 1:
        found = _of_strange_words(x.given[0], x.surname[0], y.given[0], y.surname[0])
        if found is not None:
            return found
    return by_words(x, y)


def by_words(x: Name, y: Name) -> NameAgreement:
    """Compare two names of any number of words, taking those away that agree."""
    exact: list[str] = []
    left, right = _naming(x), _naming(y)
    in_place: list[bool] = []
    rest = _without_exact(left, right, exact, in_place)
    counts = [0, 0, 0]
    distant: list[int] = []
    typed: list[tuple[str, str]] = []
    given = surname = left_over = False
    if rest or right:
        rest, right = _without_other_cuts(x, y, rest, right, counts)
        exchanged = _swap(right, in_place)
        left = _without_alike(rest, right, counts, typed, in_place, exchanged=exchanged)
        if left and right and _glued(left, right):
            counts[FUZZY] += 1
            left, right = [], []
        if left and right:
            left, distant = _without_distant(left, right)
        if left and right:
            given = _holds(left, 0) and _holds(right, 0)
            surname = _holds_surname(left) and _holds_surname(right)
            apart = _only_one_part(x, y) or _only_one_part(y, x)
            left_over = not given and not surname and not apart
    fuzzy, nickname, initial = counts
    return NameAgreement(
        tuple(exact),
        fuzzy,
        nickname,
        initial,
        len(distant),
        0 in distant,
        given,
        surname,
        left_over,
        tuple(typed),
    )


def _of_strange_words(
    given: str, surname: str, other_given: str, other_surname: str
) -> NameAgreement | None:
    """What there is between two names of two words where none is like another; None where one is.

    Most of all names that are compared are such: this is quicker than taking words away.
    """
    if (
        given in (other_given, other_surname)
        or surname in (other_given, other_surname)
        or alike(given, other_given)
        or alike(surname, other_surname)
        or alike(given, other_surname)
        or alike(surname, other_given)
        or (
            len(given) + len(surname) == len(other_given) + len(other_surname)
            and _glued([(given, 0), (surname, 1)], [(other_given, 0), (other_surname, 1)])
        )
    ):
        return None
    distant_given, distant_surname = (
        is_distant(given, other_given),
        is_distant(surname, other_surname),
    )
    contradict = not (distant_given or is_initial(given) or is_initial(other_given))
    left_over = not contradict and distant_surname and not distant_given
    return NameAgreement(
        exact=(),
        fuzzy=0,
        nickname=0,
        initial=0,
        distant=distant_given + distant_surname,
        distant_given=distant_given,
        other_given=contradict,
        other_surname=not distant_surname,
        left_over=left_over,
    )


def _swap(right: _Tokens, in_place: list[bool]) -> bool:
    """Take the tokens to be in the parts of the other side where all that agrees so far is."""
    if not in_place or any(in_place):
        return False
    right[:] = [(token, 1 - part) for token, part in right]
    in_place.append(True)
    return True


def _without_other_cuts(
    x: Name, y: Name, rest: _Tokens, right: _Tokens, counts: list[int]
) -> tuple[_Tokens, _Tokens]:
    """What is left of both sides without words that are cut or glued in another way, counted."""
    if rest and right and _differently_cut(x, y):
        rest, right = _without_surname(rest), _without_surname(right)
        counts[FUZZY] = 1
    elif len(rest) != len(right) and _glued(rest, right):
        counts[FUZZY] = 1
        return [], []
    if len(x.given) != len(y.given) and _holds(rest, 0) and _holds(right, 0) and _given_glued(x, y):
        counts[FUZZY] += 1
        rest, right = _without_given(rest), _without_given(right)
    return rest, right


def _only_one_part(x: Name, y: Name) -> bool:
    """Whether one tells a given name alone and the other a surname alone: they say nothing."""
    return not x.surname and not y.given


@lru_cache(CACHED)
def given_names(a: Name, b: Name) -> int:
    """1: the given names agree; -1: they contradict each other; 0: one of them tells too little."""
    if b < a:
        a, b = b, a
    how = agreement(a, b)
    if how.other_given:
        return -1
    left = [token for token in a.given if not is_initial(token)]
    right = [token for token in b.given if not is_initial(token)]
    if any(x == y or alike(x, y) in ("nickname", "fuzzy") for x in left for y in right):
        return 1
    if how.left_over and a.given and b.given:
        return -1
    if not left or not right:
        return 0
    if _given_glued(a, b) or _are_swapped(left, b.surname, right, a.surname):
        return 1
    return 0


def _are_swapped(
    left: Iterable[str], others: Iterable[str], right: Iterable[str], ours: Iterable[str]
) -> bool:
    """Whether given names of both sides are surnames of the other; one of these as an initial."""
    one, other = _one_of(left, others), _one_of(right, ours)
    return (one and other) or (one and _begins(right, ours)) or (other and _begins(left, others))


def _begins(tokens: Iterable[str], others: Iterable[str]) -> bool:
    """Whether one of the others is the initial of one of the tokens."""
    return any(is_initial(y) and alike(x, y) == "initial" for x in tokens for y in others)


@lru_cache(CACHED)
def typed_given(a: Name, b: Name) -> tuple[tuple[str, str], ...]:
    """The given names of both that agree but for typing errors; none where others agree."""
    found: list[tuple[str, str]] = []
    for one in a.given:
        for other in b.given:
            if is_initial(one) or is_initial(other):
                continue
            how = "same" if one == other else alike(one, other)
            if how in ("same", "nickname") or (how == "fuzzy" and is_spelling(one, other)):
                return ()
            if how == "fuzzy":
                found.append((one, other))
    return tuple(found)


def _one_of(tokens: Iterable[str], others: Iterable[str]) -> bool:
    """Whether one of the tokens is one of the others, or its short form, or but for errors."""
    return any(x == y or alike(x, y) in ("nickname", "fuzzy") for x in tokens for y in others)


def _naming(name: Name) -> _Tokens:
    """The tokens that name somebody, each with its part; particles are often left away.

    A particle is one beside other words of a surname, or between given names: Le and Al are names
    too, and blind words do not tell.
    """
    if len(name.given) < PARTICLE_BETWEEN and len(name.surname) < PARTICLE_BESIDE:
        return [(token, part) for part in (0, 1) for token in name[part]]
    given = [
        token
        for place, token in enumerate(name.given)
        if token not in PARTICLES or not 0 < place < len(name.given) - 1
    ]
    surname = [token for token in name.surname if token not in PARTICLES] or name.surname
    return [*((token, 0) for token in given), *((token, 1) for token in surname)]


def _differently_cut(x: Name, y: Name) -> bool:
    """Whether a particle is a word in one of two surnames, and begins it in the other."""
    a, b = x.surname, y.surname
    if len(a) == len(b) or not (a and b and isinstance(a[0], str)):
        return False
    return "".join(a) == "".join(b)


def _without_surname(tokens: _Tokens) -> _Tokens:
    return [one for one in tokens if one[1] == 0]


def _without_given(tokens: _Tokens) -> _Tokens:
    return [one for one in tokens if one[1]]


def _without_exact(
    left: _Tokens, right: _Tokens, exact: list[str], in_place: list[bool]
) -> _Tokens:
    """What is left of `left` when equal tokens are taken from both sides; these go to `exact`.

    `in_place` gets whether each was in its own part.
    """
    elsewhere: _Tokens = []
    for one in left:
        if one in right:
            right.remove(one)
            exact.append(one[0])
            in_place.append(True)
        else:
            elsewhere.append(one)
    rest: _Tokens = []
    for token, part in elsewhere:
        other = (token, 1 - part)
        if other in right:
            right.remove(other)
            exact.append(token)
            in_place.append(False)
        else:
            rest.append((token, part))
    return rest


def _given_glued(x: Name, y: Name) -> bool:
    """Whether given names are one word here and several there, and much the same as one."""
    a, b = x.given, y.given
    if len(a) == len(b) or not (a and b and isinstance(a[0], str)):
        return False
    one, other = "".join(a), "".join(b)
    if one == other:
        return True
    return min(len(one), len(other)) >= GLUED_FROM and alike(one, other) == "fuzzy"


def _without_distant(left: _Tokens, right: _Tokens) -> tuple[_Tokens, list[int]]:
    """What is left of `left` when words of a part that may be one are taken; and their parts."""
    rest: _Tokens = []
    parts: list[int] = []
    for one in left:
        other = next(
            (two for two in right if two[1] == one[1] and is_distant(one[0], two[0])), None
        )
        if other is None:
            rest.append(one)
        else:
            right.remove(other)
            parts.append(one[1])
    return rest, parts


def _without_alike(
    rest: _Tokens,
    right: _Tokens,
    counts: list[int],
    typed: list[tuple[str, str]],
    in_place: list[bool],
    *,
    exchanged: bool,
) -> _Tokens:
    """What is left of `rest` when words that may be one are taken from both sides, and counted.

    An initial agrees in its own part; where the parts are exchanged a middle one may have stayed.
    """
    left: _Tokens = []
    swapped = False
    for token, part in rest:
        best: tuple[str, int] | None = None
        how = ""
        for other in right:
            level = alike(token, other[0])
            if level is None or (level == "initial" and other[1] != part and not exchanged):
                continue
            if best is None or (other[1] == part != best[1]):
                best, how = other, level
        if best is None:
            left.append((token, part))
        else:
            right.remove(best)
            counts[HOW[how]] += 1
            in_place.append(best[1] == part)
            swapped |= _swap(right, in_place)
            if how == "fuzzy" and not is_spelling(token, best[0]):
                typed.append((token, best[0]))
    if swapped and left and right:
        # an initial agrees in its part alone, and those before were not in it yet
        return _without_alike(left, right, counts, typed, in_place, exchanged=True)
    return left


def _holds_surname(tokens: _Tokens) -> bool:
    return any(part for _, part in tokens)


def _holds(tokens: _Tokens, part: int) -> bool:
    return any(where == part and not is_initial(token) for token, where in tokens)


def _glued(left: _Tokens, right: _Tokens) -> bool:
    """Whether both hold the same letters, cut into words in another way; blind ones do not tell."""
    if not (left and right and isinstance(left[0][0], str)):
        return False
    a, b = ["".join([token for token, _ in one]) for one in (left, right)]
    return len(a) == len(b) >= GLUED_FROM and sorted(a) == sorted(b)
