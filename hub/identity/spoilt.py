"""Whether names are spoilt: as they are heard, scanned or copied so badly that they say little.

Of two records that share what is one's own (an e-mail address, a number) most tell one name, and
of a family that shares it one surname. Where neither word of the name is the same in more pairs
than one of them is, or both are, it is the names that are wrong; and of names that contradict each
other the one that nobody else has was made by errors.

An office's telephone is many people's: what more than a few records share is nobody's own, and
where the day of birth is told it must be the same as well.
"""

from math import comb
from typing import Any

from hub.identity import dates
from hub.identity.kind import Beside, Naming, Sharing
from hub.identity.name_words import sound, spelling
from hub.identity.record import PersonRecord

PAIRS_MIN = 50
"""With fewer pairs that share a contact names are taken to be well told."""
HOLDERS_MAX = 3
"""A contact that more records share is an office's, or tells as little."""


def name_beside_own(record: PersonRecord) -> Beside | None:
    """How the first given name and the last surname sound, and the first means to reach the person.

    An e-mail address, a number, a telephone, or a home; with the whole day of birth where it is
    told.
    """
    name = record.names[0] if record.names else None
    if name is None or not (name.given and name.surname):
        return None
    own = record.emails or record.identifiers or record.phones or _home(record)
    if not own:
        return None
    words = sorted({_sound(name.given[0]), _sound(name.surname[-1])})
    birth = [one for one in record.births[:1] if len(one) == dates.WHOLE]
    return Beside(tuple(map(str, (own[0], *birth))), tuple(words))


def _home(record: PersonRecord) -> tuple[Any, ...]:
    """The first address with its postcode, where a house can be told from others."""
    told = record.addresses[:1], record.postcodes[:1]
    return (told,) if all(told) and record.addresses[0].number else ()


def _pairs(records: int) -> int:
    """How many pairs of records that share a contact count."""
    return comb(records, 2) if records <= HOLDERS_MAX else 0


def _sound(word: Any) -> str:
    """How a word sounds, or what stands for that of a blind one."""
    return sound(spelling(word)) if isinstance(word, str) else str(word.sound)


def are_spoilt(sharing: Sharing) -> bool:
    """Whether in more pairs no word of the name is the same than one is, or both are."""
    one, both = sharing.with_one - 2 * sharing.with_both, sharing.with_both
    return sharing.pairs >= PAIRS_MIN and sharing.pairs - one - both > max(one, both)


SPOILT = Naming(name_beside_own, _pairs, are_spoilt)
