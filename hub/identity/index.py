"""Finds records worth comparing: those that share enough keys. A cache, made anew from records."""

from collections.abc import Collection, Iterable

from hub.identity.kind import ENOUGH, Key

HOLDERS_MAX = 100
"""A key with more holders finds nobody: it says too little, and would cost too much."""


class Index:
    """Keys with the records that hold them; those of the `strong` sorts say twice as much."""

    def __init__(self, strong: Collection[str], holders_max: int = HOLDERS_MAX) -> None:
        """Empty."""
        self._strong = strong
        self._holders: dict[Key, set[str]] = {}
        self._holders_max = holders_max
        self.cut = 0
        """How many keys find nobody because they have too many holders."""

    def put(self, name: str, keys: Iterable[Key]) -> list[set[str]]:
        """Add a record; the holders of each key that finds nobody from now on."""
        closed: list[set[str]] = []
        for key in keys:
            held = self._holders.setdefault(key, set())
            held.add(name)
            if len(held) == self._holders_max + 1:
                self.cut += 1
                closed.append(held)
        return closed

    def remove(self, name: str, keys: Iterable[Key]) -> list[set[str]]:
        """Take a record out; the holders of each key that finds somebody again from now on."""
        opened: list[set[str]] = []
        for key in keys:
            held = self._holders[key]
            held.remove(name)
            if len(held) == self._holders_max:
                self.cut -= 1
                opened.append(held)
            if not held:
                del self._holders[key]
        return opened

    def near(self, name: str, keys: Iterable[Key]) -> list[str]:
        """The records that share enough keys with one."""
        shared: dict[str, int] = {}
        for key in keys:
            held = self._holders.get(key, ())
            if 1 <= len(held) <= self._holders_max:
                more = self._strength(key)
                for other in held:
                    shared[other] = shared.get(other, 0) + more
        shared.pop(name, None)
        return [other for other, enough in shared.items() if enough >= ENOUGH]

    def is_near(self, keys: Iterable[Key], others: Iterable[Key]) -> bool:
        """Whether two sets of keys share enough that finds somebody."""
        common = set(keys) & set(others)
        return (
            sum(
                self._strength(key)
                for key in common
                if len(self._holders.get(key, ())) <= self._holders_max
            )
            >= ENOUGH
        )

    def _strength(self, key: Key) -> int:
        return ENOUGH if key[0] in self._strong else 1
