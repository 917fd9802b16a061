"""Businesses of several departments on real servers: one view of each, parted and joined again."""

from collections.abc import Callable

import pytest
from hub_under_test import Hub, Threads
from made_businesses import Told, business, subject
from made_events import message
from made_people import AGENCIES

from hub.bus.producer import Producer
from hub.bus.topics import DECISIONS, events_topic
from hub.canon.model import (
    Business,
    Citizen,
    DecisionKind,
    Event,
    StewardDecision,
)
from hub.identity.decisions import answer
from hub.processor import stewards
from hub.processor.rebuild import rebuild
from hub.processor.run import run_processor
from hub.processor.store import Store
from hub.telemetry.metrics import Health

pytestmark = pytest.mark.kafka
LICENSING, GRANTS, _ = AGENCIES
EIN = "042103594"
SHOP = Told(trade="Harbour Bread", street="1200 W Harbour St", phone="(312) 867-5301")
FIRM = Told(legal="HARBOUR BREAD LLC", ein=EIN, street="1200 West Harbour Street")
COBBLER = Told(trade="Harbour Shoes", street="9 Mill Lane", phone="(217) 867-5309")
NEIGHBOUR = Told(legal="Kowalczyk Repair LLC", street="1202 W Harbour St")
SOLE_TRADER = Told("Aleksander Petrovsky", "Petrovsky Locks", owner="Aleksander Petrovsky")


class Office:
    """What the departments and the stewards see of the hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.store: Store = hub.store()
        self._producer = Producer(hub.settings.bootstrap_servers, {}, "test")

    def publish(self, *made: Event) -> None:
        """Events of departments."""
        for one in made:
            self._producer.send(events_topic("licensing"), *message(self._hub.codec, one))
        self._producer.flush()

    def say(self, one: StewardDecision) -> None:
        """A steward's decision."""
        key = one.decision_id.encode()
        self._producer.send(DECISIONS.name, key, self._hub.codec.encode(one))
        self._producer.flush()

    def entity(self, record: int) -> str | None:
        """Whose the business of a record is."""
        with self.store.snapshot() as batch:
            return batch.entity_of([subject(record)]).get(subject(record))

    def view(self, record: int) -> Business:
        """The view in which the business of a record is."""
        row = self.store.view(str(self.entity(record)))
        assert row is not None
        found = self._hub.codec.decode(bytes(row.body))
        assert isinstance(found, Business)
        return found


def test_records_of_two_departments_are_one_business(
    hub: Hub, eventually: Callable[..., None]
) -> None:
    """A licence and a grant without a common number are one view, until a steward parts them.

    What differs stays apart, and an owner is not his shop. A rebuild says the same.
    """
    office = Office(hub)
    office.publish(
        business(1, SHOP),
        business(2, FIRM, agency=GRANTS),
        business(3, COBBLER),
        business(4, NEIGHBOUR, agency=GRANTS),
        business(5, SOLE_TRADER),
    )
    with Processor(hub):
        eventually(lambda: None not in map(office.entity, range(1, 6)))
        assert office.entity(1) == office.entity(2)
        assert len({office.entity(record) for record in range(1, 6)}) == 4
        one = office.view(1)
        assert one.agencies == (GRANTS, LICENSING)
        assert {(name.value, name.source.agency) for name in one.trading_names} == {
            ("Harbour Bread", LICENSING)
        }
        (number,) = one.identifiers
        assert (number.value.value, number.source.agency) == (EIN, GRANTS)
        (citizen,) = office.store.views("person")
        view = hub.codec.decode(bytes(citizen.body))
        assert isinstance(view, Citizen)
        assert [role.entity_id for role in view.roles] == [office.entity(5)]
        names = (subject(1), subject(2))
        said = stewards.Said("anna", "two tenants", 1)
        apart = stewards.proposal(office.store, DecisionKind.NOT_SAME, names, said)
        office.say(apart)
        eventually(lambda: office.entity(1) != office.entity(2))
        assert office.view(1).identifiers == ()
    assert rebuild(hub.settings, hub.codec, print).same
    with Processor(hub):
        office.say(answer(apart, DecisionKind.UNDO, "anna", "was wrong", 2))
        eventually(lambda: office.entity(1) == office.entity(2))


class Processor(Threads):
    """A processor in a thread of the test."""

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self._hub = hub

    def __enter__(self) -> None:
        settings, codec = self._hub.settings, self._hub.codec
        self.start(lambda: run_processor(settings, codec, self.ended, Health()))

    def __exit__(self, *_: object) -> None:
        self.join()
