"""Records as keyed tokens: what an agency sends that does not give names away.

Each normalised value becomes HMAC-SHA-256 of a label and the value under a key that the agencies
share and the resolver does not have. Equal values have equal tokens, so one more token for each
value with one letter left out lets values meet that differ by a typing error (both lose that
letter), and others stand for a name's sound, its nicknames, the parts of a date.

Tokens tell equality and frequency to whoever holds them; without the key they cannot be guessed
from a list of names. Bloom filters, the usual way, can be (Christen et al. 2018): their bits are
shared by all values, so patterns of frequent names show through.
"""

import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

from hub.errors import SettingsError
from hub.identity.dates import WHOLE
from hub.identity.name_words import sound, variants
from hub.identity.record import Address, Name, PersonRecord

KEY_BYTES_LEAST = 32
TOKEN_BYTES = 12
LETTERS_MAX = 24
"""Letters of a value that are left out one at a time; of longer ones the first."""
RULES = "blind-4"
"""The version of normalisation, labels and tokens: both sides need the same."""


class Value(NamedTuple):
    """A value: itself, with one letter left out each, and its letters in order."""

    whole: str
    near: tuple[str, ...] = ()
    letters: str = ""


class Word(NamedTuple):
    """A word of a name: itself, its initial, sound and nicknames, with one letter left out each.

    A word of one letter has nothing but itself and its initial.
    """

    whole: str
    initial: str
    sound: str = ""
    near: tuple[str, ...] = ()
    nicknames: tuple[str, ...] = ()

    @property
    def is_initial(self) -> bool:
        """Whether it is a single letter."""
        return not self.sound

    def alike(self, other: "Word") -> str | None:
        """How two different words may be one; as `names.alike`."""
        if self.is_initial or other.is_initial:
            return "initial" if self.initial == other.initial else None
        if other.whole in self.nicknames or self.whole in other.nicknames:
            return "nickname"
        near = self.sound == other.sound or meet(self, other)
        return "fuzzy" if near else None


class Day(NamedTuple):
    """A date of birth: itself, its parts two by two, its year, and what meets damaged ones."""

    whole: str
    year: str
    year_month: str = ""
    year_day: str = ""
    month_day: str = ""
    swapped: str = ""
    near: tuple[str, ...] = ()


class Email(NamedTuple):
    """An e-mail address: itself, and its user."""

    whole: str
    user: str


class Street(NamedTuple):
    """An address: the street, the number in it, and the digits of that in order."""

    street: Value
    number: str = ""
    digits: str = ""


def meet(a: Any, b: Any) -> bool:
    """Whether two values are one when each loses a letter, or one of them does."""
    left, right = {*a.near, a.whole}, {*b.near, b.whole}
    return not left.isdisjoint(right)


class Blinder:
    """Makes tokens under one key of 32 bytes or more. Raises SettingsError for a shorter one."""

    def __init__(self, key: bytes) -> None:
        """Keep the key."""
        if len(key) < KEY_BYTES_LEAST:
            raise SettingsError(
                "the linkage key is too short",
                remedy=f"give {KEY_BYTES_LEAST} random bytes or more: openssl rand -out key 32",
            )
        self._key = key

    def token(self, label: str, value: str) -> str:
        """The token of a value: 24 hexadecimal digits; empty for an empty value."""
        if not value:
            return ""
        text = f"{RULES}\x1f{label}\x1f{value}".encode()
        return hmac.new(self._key, text, sha256).digest()[:TOKEN_BYTES].hex()

    def record(self, record: PersonRecord) -> PersonRecord:
        """A record whose values are tokens, field by field in the shape of the clear one."""
        return record._replace(
            names=tuple(self._name(one) for one in record.names),
            middles=tuple(self.word(one) for one in record.middles),
            suffixes=self._plain("suffix", record.suffixes),
            births=tuple(self.day(one) for one in record.births),
            identifiers=tuple((kind, self.value(kind, one)) for kind, one in record.identifiers),
            addresses=tuple(self.street(one) for one in record.addresses),
            postcodes=tuple(self.value("postcode", one) for one in record.postcodes),
            places=tuple(self.value("place", one) for one in record.places),
            regions=self._plain("region", record.regions),
            phones=tuple(self.value("phone", one) for one in record.phones),
            emails=tuple(self.email(one) for one in record.emails),
            sexes=self._plain("sex", record.sexes),
            verified=tuple((kind, self.token(kind, one)) for kind, one in record.verified),
        )

    def _plain(self, label: str, values: Iterable[str]) -> tuple[Any, ...]:
        return tuple(self.token(label, one) for one in values)

    def _near(self, label: str, text: str) -> tuple[str, ...]:
        shorter = {text[:at] + text[at + 1 :] for at in range(min(len(text), LETTERS_MAX))}
        return tuple(sorted(self.token(label, one) for one in shorter if one))

    def _name(self, name: Name) -> Any:
        return Name(
            tuple(self.word(one) for one in name.given),
            tuple(self.word(one) for one in name.surname),
        )

    def word(self, text: str) -> Any:
        """The tokens of a word of a name."""
        whole, initial = self.token("word", text), self.token("initial", text[:1])
        if len(text) == 1:
            return Word(whole, initial)
        nicknames = sorted(self.token("word", one) for one in variants(text) - {text})
        heard = self.token("sound", sound(text))
        return Word(whole, initial, heard, self._near("word", text), tuple(nicknames))

    def value(self, label: str, text: str) -> Any:
        """The tokens of a value in which a letter or digit may be wrong."""
        letters = self.token(f"{label}-letters", "".join(sorted(text)))
        return Value(self.token(label, text), self._near(label, text), letters)

    def day(self, text: str) -> Any:
        """The tokens of a date, or of the year or month that is known of it."""
        whole, year = self.token("birth", text), self.token("year", text[:4])
        if len(text) < WHOLE:
            return Day(whole, year)
        year_, month, day = text[:4], text[5:7], text[8:]
        return Day(
            whole,
            year,
            self.token("year-month", f"{year_}-{month}"),
            self.token("year-day", f"{year_}-{day}"),
            self.token("month-day", f"{month}-{day}"),
            self.token("swapped", f"{year_}-{min(month, day)}-{max(month, day)}"),
            self._near("birth", text.replace("-", "")),
        )

    def email(self, text: str) -> Any:
        """The tokens of an e-mail address."""
        return Email(self.token("email", text), self.token("user", text.partition("@")[0]))

    def street(self, address: Address) -> Any:
        """The tokens of an address."""
        return Street(
            self.value("street", address.street),
            self.token("house", address.number),
            self.token("house-digits", "".join(sorted(address.number))),
        )
