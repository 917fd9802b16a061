"""Values that are not the agency's own but of the same shape: what recorded samples hold.

The same value of a sample becomes the same fake everywhere in it, so that what belonged together
still does. The key of it is a digest of the whole sample: without the sample nobody can compute
which fake a guessed value would have become.
"""

import datetime as dt
import hmac
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from hub.connect.scaffold.kinds import Kind, comes_again, is_nothing, look, written
from hub.connect.scaffold.plan import PERSONAL, Plan
from hub.connect.scaffold.roles import FAKES, Guess, Role, is_replaced

BORN_FIRST, BORN_DAYS = dt.date(1950, 1, 1), 18_000
TURNS_MAX = 50
KEPT = (Role.STATUS, Role.OUTCOME, Role.CATEGORY, Role.COUNTRY, Role.REGION, Role.CURRENCY)


class Faker:
    """Fakes for the values of one sample."""

    def __init__(self, plan: Plan) -> None:
        """The key is made of all values of the sample."""
        whole = "\x1f".join(value for one in plan.guesses for value in one.field.values)
        self._key = sha256(whole.encode("utf-8", "replace")).digest()
        self._keys: dict[str, str] = {}
        self._guesses = {one.field.steps: one for one in plan.guesses}

    def record(self, value: Any, steps: tuple[str, ...] = (), *, flat: bool) -> Any:
        """A record with every value that could be somebody's own replaced."""
        if isinstance(value, Mapping):
            return {
                name: self.record(v, (*steps, str(name)), flat=flat) for name, v in value.items()
            }
        if isinstance(value, list | tuple):
            inner = (
                (*steps, "0")
                if value and (isinstance(value[0], Mapping) or len(value) > 1)
                else steps
            )
            return [self.record(one, inner, flat=flat) for one in value]
        if value is None or isinstance(value, bool):
            return value
        one = self._guesses.get(steps) or self._guesses.get((*steps, "0"))
        fake = self.value(one, str(value)) if str(value).strip() else str(value)
        if isinstance(value, str):
            return fake
        return int(fake) if isinstance(value, int) and fake.lstrip("-").isdigit() else value

    def value(self, one: Guess | None, value: str) -> str:
        """The fake of one value; what says nothing of anybody stays as it is."""
        if is_nothing(value):
            return value
        if one is None:
            return self._shape(value)
        if one.role in KEPT and comes_again(one.field.values):
            return value
        if one.role not in PERSONAL and one.role is not Role.KEY and _plain(one):
            return value
        if one.role is Role.KEY or is_replaced(one.field.steps):
            return self.key(value)  # the same key as in the record it names
        return self._own(one, value)

    def _own(self, one: Guess, value: str) -> str:
        """A fake by the field's role where the value is such: in a list only the first must be."""
        kind, maker = look([value]).kind, _MAKERS.get(one.role)
        if kind is Kind.EMAIL:
            return self.mail(value)
        numeric = kind in (Kind.PHONE, Kind.WHOLE)
        return self._shape(value) if maker is None or numeric else maker(self, one, value)

    def mail(self, value: str) -> str:
        """An e-mail address that reaches nobody."""
        return f"p{self.number(value, 'mail') % 10**6}@example.org"

    def number(self, value: str, what: str) -> int:
        """A number derived of a value."""
        found = hmac.digest(self._key, f"{what}\x1f{value}".encode("utf-8", "replace"), "sha256")
        return int.from_bytes(found[:8], "big")

    def pick(self, what: str, value: str) -> str:
        """One of the fakes of a kind."""
        fakes: list[str] = FAKES[what]
        return fakes[self.number(value, what) % len(fakes)]

    def key(self, value: str) -> str:
        """A key of the same shape, another one for each key."""
        for turn in range(TURNS_MAX):
            fake = self._shape(value, str(turn))
            if self._keys.setdefault(fake, value) == value:
                return fake
        return value

    def _shape(self, value: str, salt: str = "") -> str:
        """Digits for digits and letters for letters, everything else as it is."""
        left = [
            _like(c, self.number(value, f"shape {salt}{place}"), first=place == 0)
            for place, c in enumerate(value[:200])
        ]
        return "".join(left)

    def name(self, value: str) -> str:
        """A full name, in the order of the real one."""
        given, family = self.pick("given", value), self.pick("family", value)
        found = f"{family}, {given}" if "," in value else f"{given} {family}"
        return found.upper() if value.isupper() else found

    def born(self, one: Guess, value: str) -> str:
        """A date written the same way."""
        if written(value, one.looked.format or "%Y-%m-%d") is None:
            return value if not any(c.isdigit() for c in value) else self._shape(value)
        day = BORN_FIRST + dt.timedelta(days=self.number(value, "born") % BORN_DAYS)
        return str(day.strftime(one.looked.format or "%Y-%m-%d"))

    def address(self, value: str) -> str:
        """An address in one piece, or a street: with a number only where the real one has one."""
        found = f"{self.pick('street', value)} Street"
        if any(c.isdigit() for c in value):
            number = self.number(value, "house") % 199 + 1
            found = f"{number} {found}" if value[0].isdigit() else f"{found} {number}"
        return f"{found}, {self.pick('town', value)}" if "," in value else found


def _plain(one: Guess) -> bool:
    """Whether values are of a kind that is nobody's own: codes, dates, amounts."""
    kinds = (Kind.DATE, Kind.TIME, Kind.EPOCH, Kind.MONEY, Kind.FLAG)
    return one.looked.kind in kinds or (one.looked.kind is Kind.WHOLE and _small(one))


def _small(one: Guess) -> bool:
    return all(len(value.lstrip("-")) <= 4 for value in one.field.values)  # noqa: PLR2004 - a count


def _like(c: str, number: int, *, first: bool) -> str:
    if c.isdigit():  # a number's first digit stays zero, or stays none
        return (c if c == "0" else str(number % 9 + 1)) if first else str(number % 10)
    if c.isalpha() and c.isascii():
        return chr((ord("A") if c.isupper() else ord("a")) + number % 26)
    return "x" if c.isalpha() else c


_Maker = Callable[[Faker, Guess, str], str]
_MAKERS: Mapping[Role, _Maker] = {
    Role.GIVEN: lambda faker, _, value: faker.pick("given", value),
    Role.MIDDLE: lambda faker, _, value: faker.pick("given", value),
    Role.FAMILY: lambda faker, _, value: faker.pick("family", value),
    Role.FULL_NAME: lambda faker, _, value: faker.name(value),
    Role.BORN: Faker.born,
    Role.DIED: Faker.born,
    Role.ADDRESS: lambda faker, _, value: faker.address(value),
    Role.STREET: lambda faker, _, value: faker.address(value),
    Role.LOCALITY: lambda faker, _, value: faker.pick("town", value),
    Role.ORGANISATION: lambda faker, _, value: f"{faker.pick('family', value)} Ltd",
    Role.TRADING: lambda faker, _, value: f"{faker.pick('street', value)} House",
    Role.TEXT: lambda _faker, _, value: " ".join(["words"] * max(1, min(len(value.split()), 12))),
}
