"""How recorded samples are served to a connector: the departmental system's place, without it.

A stand is a function that gives a context manager; inside, a `Source` is open. `stands.py` has
those which a samples folder can name; whoever needs another server writes their own:

    @contextmanager
    def stand() -> Iterator[Source]:
        with my_server(samples) as server:
            yield Source.asked(CONNECTOR, Settings(server.url), away=server.pause)
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Self

from hub.connect.contract import Change, Connector, Item


class Source(NamedTuple):
    """Samples being served, and what can be done to them; None is what a stand cannot do.

    `read` gives the items after a position. Within `away` the system does not answer. `spoil` puts
    a broken record in the place of one, in the given way (0, 1, ...), and gives its bytes, None
    where there is no such way. `repeat` tells the last delivery again under a later name.
    `real` is False where `read` is not the connector's own reading.
    """

    settings: Any
    read: Callable[[str | None], Iterator[Item]]
    away: Callable[[], AbstractContextManager[None]] | None = None
    spoil: Callable[[Change, int], bytes | None] | None = None
    repeat: Callable[[], None] | None = None
    real: bool = True

    @classmethod
    def asked(cls, connector: Connector, settings: Any, **abilities: Any) -> Self:
        """A source that the connector asks by its own `changes`."""
        changes = connector.changes
        if changes is None:
            raise TypeError(f"{connector.name} is pushed to")
        return cls(settings, lambda after: changes(settings, after), **abilities)


Stand = Callable[[], AbstractContextManager[Source]]


class Subject(NamedTuple):
    """What is examined: a connector, its samples being served, and the events recorded of them."""

    connector: Connector
    stand: Stand
    expected: list[Mapping[str, Any]] | None = None
