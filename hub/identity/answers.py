"""What a resolver answers."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from hub.identity.remembered import Remembered

Value_co = TypeVar("Value_co", covariant=True)


class ByName(Mapping[str, Value_co]):
    """What is known of each record, by its name."""

    def __init__(self, held: Remembered, ask: Callable[[str], Value_co]) -> None:
        """`ask` tells it of one that is held."""
        self._held = held
        self._ask = ask

    def __getitem__(self, name: str) -> Value_co:
        return self._ask(name)

    def __iter__(self) -> Iterator[str]:
        return (self._held.known(number).name for number in self._held.numbers())

    def __len__(self) -> int:
        return sum(1 for _ in self._held.numbers())


class Explanation(NamedTuple):
    """Why two records are together, or not. `fields` maps known fields to millibits.

    `total` is compared with `threshold`; `refusal` names the rule that speaks against.
    """

    model: str
    together: bool
    fields: Mapping[str, int]
    total: int
    threshold: int
    refusal: str | None
