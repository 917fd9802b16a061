"""Links: renewing weights takes the pairs that were compared before, which are those found anew."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people import crowd, record

from hub.identity import remembered
from hub.identity.households import Households
from hub.identity.linking import Linker
from hub.identity.record import PersonRecord
from hub.identity.resolver import Resolver
from hub.identity.rules import are_strangers

HOLDERS = 4
"""So few holders find nobody here, so that keys close and open again often."""


def narrow() -> Resolver:
    """A resolver whose keys find nobody when more than a few hold them."""
    resolver = Resolver()
    resolver.index._holders_max = HOLDERS
    resolver.index._open_max = HOLDERS * 4
    return resolver


def compared(resolver: Resolver) -> dict[int, set[int]]:
    """The older records that each was compared with, as they are written down."""
    held = resolver._held
    found: dict[int, set[int]] = {}
    for number in faces(resolver):
        links = held.links(number)
        others = {one for one in links.weights if one < number} | set(links.passed or ())
        found[number] = {one for one in others if held.holds(one)}
    return found


def looked_for(resolver: Resolver, *, families: bool) -> dict[int, set[int]]:
    """The older records near each, without strangers where there are families."""
    known, near = resolver._held.known, resolver._linker.near
    return {
        number: {
            one
            for one in near(number)
            if one < number
            and not (families and are_strangers(known(number).record, known(one).record))
        }
        for number in faces(resolver)
    }


def faces(resolver: Resolver) -> list[int]:
    """Those that stand for themselves and their copies."""
    face = resolver._copies.face
    return [one for one in resolver._held.numbers() if face(one) == one]


@pytest.mark.parametrize("most", [2, 250])
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_whatever_happened_what_was_compared_is_what_is_near(
    most: int, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    """Keys close and open, families come and go, records too: the entities are those made anew."""
    pool = crowd(30, data.draw(st.integers(0, 5)))
    names = sorted(pool)
    families = True
    monkeypatch.setattr(remembered, "PASSED_MAX", most)
    monkeypatch.setattr(Households, "are_families", property(lambda _: families))
    resolver = narrow()
    records: dict[str, PersonRecord] = {}
    for _ in range(data.draw(st.integers(1, 50))):
        name = data.draw(st.sampled_from(names))
        kind = data.draw(st.sampled_from(("put", "put", "put", "remove", "turn", "settle", "some")))
        if kind == "put":
            records[name] = pool[data.draw(st.sampled_from(names))]
            resolver.apply({name: records[name]})
        elif kind == "remove":
            records.pop(name, None)
            resolver.apply({name: None})
        elif kind == "turn":
            families = not families
        elif kind == "settle":
            resolver.settle()
        else:
            resolver.begin_settling()
            resolver.settle_some(5)
    resolver.settle()
    anew = narrow()
    anew.apply(records)
    anew.settle()
    assert set(resolver.entities.values()) == set(anew.entities.values())
    assert resolver.possible() == anew.possible()
    if most > len(pool):
        assert compared(resolver) == looked_for(resolver, families=families)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """For whom others were looked for, since the list was cleared."""
    found: list[int] = []
    near: Callable[[Linker, int], list[int]] = Linker.near

    def told(linker: Linker, number: int) -> list[int]:
        found.append(number)
        return near(linker, number)

    monkeypatch.setattr(Linker, "near", told)
    return found


def test_weights_are_renewed_without_looking_for_anybody(
    monkeypatch: pytest.MonkeyPatch, looked: list[int]
) -> None:
    """What was compared is written down; only where families come or go all is looked for anew."""
    resolver = Resolver()
    resolver.apply(crowd(60, 3))
    resolver.settle()
    looked.clear()
    resolver.apply({"a": record("Olga", "Nowak")})
    resolver.settle()
    assert not looked
    monkeypatch.setattr(Households, "are_families", property(lambda _: False))
    resolver.settle()
    assert len(looked) > 50


def test_more_than_are_written_down_are_looked_for(
    monkeypatch: pytest.MonkeyPatch, looked: list[int]
) -> None:
    """A row is bounded; none is lost by it."""
    monkeypatch.setattr(remembered, "PASSED_MAX", 2)
    resolver = Resolver()
    resolver.apply(crowd(60, 3))
    resolver.settle()
    held = resolver._held
    many = {one for one in faces(resolver) if held.links(one).passed is None}
    assert 10 < len(many) < 60
    looked.clear()
    resolver.settle()
    assert {*looked} == many
    assert compared(resolver).keys() >= many


def test_an_heir_that_is_older_is_written_down_with_the_younger() -> None:
    """A copy takes the place of the record that stood for it, beside those that came since."""
    olga = record("Olga", "Nowak", birth="1950-01-11", street="12 Oak Street")
    resolver = Resolver()
    resolver.apply({"a": olga, "copy": olga})
    resolver.apply({"b": record("Helga", "Nowak", birth="1979-07-30", street="12 Oak Street")})
    resolver.apply({"a": None})
    resolver.settle()
    assert resolver.near("b") == ["copy"]
    assert not resolver._held.links(3).weights, "they are to be no link"
    assert compared(resolver) == looked_for(resolver, families=True)
