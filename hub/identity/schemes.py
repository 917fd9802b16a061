"""Schemes of identifiers: how much each tells, and which there can be one of."""

from typing import NamedTuple


class Scheme(NamedTuple):
    """`exclusive`: an entity has at most one value. `strength`: stronger ones are shown first.

    `several`: one has several as a matter of course, so that another value says nothing.
    """

    exclusive: bool
    strength: int
    several: bool = False


_KNOWN = {
    "us-ssn": Scheme(exclusive=True, strength=9),
    "us-ein": Scheme(exclusive=True, strength=9),
    "us-uei": Scheme(exclusive=True, strength=8),
    "us-npi": Scheme(exclusive=True, strength=8),
    "gb-chc": Scheme(exclusive=True, strength=8),
    "gb-coh": Scheme(exclusive=True, strength=8),
    "civic-login": Scheme(exclusive=False, strength=5),
    "licensing-account": Scheme(exclusive=False, strength=5),
    "medical-record": Scheme(exclusive=False, strength=1, several=True),
    "membership": Scheme(exclusive=False, strength=1, several=True),
    "username": Scheme(exclusive=False, strength=1, several=True),
}
_OTHER = Scheme(exclusive=False, strength=1)


def scheme(name: str) -> Scheme:
    """What is known of a scheme; others are not exclusive."""
    return _KNOWN.get(name, _OTHER)


def known() -> frozenset[str]:
    """The names of the schemes something is known of."""
    return frozenset(_KNOWN)
