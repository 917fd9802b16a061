"""A kind of entity: which fields its records have, and how they are compared, found and judged."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from hub.identity.profile import Held, Pair
from hub.identity.record import Record

Identifiers = tuple[tuple[str, str], ...]
Key = tuple[str, ...]
"""What records are looked for by; its first part says what sort of key it is."""
Fields = Record | Sequence[Held]
"""The values of a record or a profile, by field."""
ENOUGH = 2
"""Two records that share keys of so much strength are compared; a key has 1, a strong one 2."""


class Most(Protocol):
    """What a name weighs at the most."""

    def beside(self, other: Any, /) -> int:
        """What it and another one weigh at the most, in millibits."""


Same = Callable[[str], int]
"""What an agreement in a token weighs, in millibits."""


class ByTokens(NamedTuple):
    """How values made of tokens (names) are compared: each token weighs by how frequent it is.

    `tokens` are those of a value that are counted. `weigh` gives what two values weigh together, in
    millibits, from what an agreement in a token weighs and from the field's levels. `less`: what an
    agreement weighs less in two values, by how many tokens they have. `is_sum`: whether what two
    values weigh is the sum over their tokens, so that levels can be counted.
    """

    tokens: Callable[[Any], Iterable[str]]
    weigh: Callable[[Same, Mapping[str, int], Any, Any], int]
    less: Callable[[Any, Any], int] = lambda _a, _b: 0
    is_sum: bool = True


AreStrangers = Callable[[Any, Any], bool]
"""Whether two records, where people share homes, are surely not worth looking at together."""
Comparison = ByTokens | Callable[[Any, Any], str | None]
"""How values of a field are compared: by tokens, or by the level of two that differ (None: they
cannot be compared). The smaller value comes first."""


class Homes(NamedTuple):
    """How it is seen whether there are, among all records, people who share a home.

    `home` is where a record's entity is at home, None where that is not known; `apart` is whether
    two records of one home are surely not about one entity.
    """

    home: Callable[[Any], tuple[str, ...] | None]
    apart: Callable[[Any, Any], bool]


class Again(NamedTuple):
    """What records of one person, and hardly others, have alike: name with birth or contact."""

    name: Key
    birth: Key
    contact: Key


class Beside(NamedTuple):
    """What many may tell, and one or two things told beside it, in order."""

    told: Key
    others: Key


class Sharing(NamedTuple):
    """Pairs of records that tell the same, those with one thing beside it besides, and with both.

    Those with both are two in `with_one`.
    """

    pairs: int = 0
    with_one: int = 0
    with_both: int = 0


class Naming(NamedTuple):
    """How it is seen, among all records, whether names tell little of who it is.

    `beside` is what of a record is counted; `pairs` how many pairs count where so many records tell
    the same; `tell_little` the verdict.
    """

    beside: Callable[[Any], Beside | None]
    pairs: Callable[[int], int]
    tell_little: Callable[[Sharing], bool]


class Vouched(NamedTuple):
    """What it weighs, in millibits, that an identifier of both is verified: added to its field."""

    field: int
    weight: int

    def by(self, a: Identifiers, b: Identifiers) -> int:
        """What the verified identifiers of two sides weigh."""
        return 0 if not a or not b or set(a).isdisjoint(b) else self.weight


class Exchanged(NamedTuple):
    """Two fields of names whose values clerks exchange, and the words of a value of the first."""

    first: int
    second: int
    words: Callable[[Any], Any]

    def in_both(self, a: Fields, b: Fields) -> bool:
        """Whether what each side has in one field is what the other has in the other field."""
        first, second = self.first, self.second
        ours, theirs, our_second, their_second = a[first], b[first], a[second], b[second]
        if not (ours and theirs and our_second and their_second):
            return False
        return any(self.words(one) in their_second for one in ours) and any(
            self.words(one) in our_second for one in theirs
        )


class Kind(NamedTuple):
    """What is particular to a kind of entity; all of it is fixed.

    `record` is the class of its records. `fields` are their weighed fields in order, with their
    comparisons. Of the `shared` ones the best counts fully and the others little, because they say
    the same again. `keys` gives the keys of a record; `strong_keys` are the sorts of them worth
    two. `most_of_name` gives what one of its names weighs at the most, under what tokens weigh and
    the levels of names. `refusal` names the rule that keeps two groups of records apart; it may ask
    whether there are `homes` that are shared. `model` is the file of its weights. With
    `counted_once_by`, a value counts once for all records that tell the same in that field: one
    business files many. `told_again` is by what it is counted how often an entity is told again;
    None where it is not; `naming` is how it is seen whether names tell little.
    `are_strangers` is asked where people share homes. `vouched` is what a verified identifier of
    both weighs besides. Of fields that are `exchanged` no contradiction counts. Of a field's values
    `values_max` are compared, the most frequent ones. A little short of the threshold,
    `choices_max` entities at most are one that suit each other alone: families have little that is
    not all of theirs, so that of persons two are.
    """

    name: str
    record: type[Any]
    fields: Mapping[str, Comparison]
    shared: tuple[int, ...]
    keys: Callable[[Any], set[Key]]
    strong_keys: frozenset[str]
    most_of_name: Callable[[Same, Mapping[str, int], Any], Most]
    refusal: Callable[[Pair], str | None]
    homes: Homes
    model: str
    counted_once_by: int | None = None
    told_again: Callable[[Any], Again | None] = lambda _record: None
    naming: Naming = Naming(lambda _record: None, lambda _records: 0, lambda _sharing: False)
    are_strangers: AreStrangers | None = None
    vouched: Vouched | None = None
    exchanged: Exchanged | None = None
    values_max: int = 4
    choices_max: int = 2
