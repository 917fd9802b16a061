"""What the processor remembers: up to where, of two kinds; and when weights are renewed."""

import pytest
from people import crowd

from hub.identity.neighbourhoods import Changes
from hub.identity.state import MemoryState
from hub.identity.subjects import PERSON
from hub.processor.memory import KINDS, NOTHING, Memory, Policy, common
from hub.processor.transaction import Position

AT_90, AT_100 = Position(7, 90).number, Position(7, 100).number


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ((AT_100, AT_90), Position(7, 90)),
        ((AT_100, 0), Position(7, NOTHING.change)),
        ((0, 0), NOTHING),
        ((AT_100, Position(8, 100).number), NOTHING),
    ],
    ids=["one is behind", "one is empty", "both are", "of two stores"],
)
def test_a_memory_goes_on_from_what_both_kinds_have(
    positions: tuple[int, int], expected: Position
) -> None:
    """The one behind decides; an empty one reads all, but the other is not forgotten for it."""
    assert common(positions) == expected


@pytest.mark.parametrize(
    ("counted", "known", "idle", "renewed"),
    [
        (600, 720, True, True),
        (600, 720, False, False),
        (600, 1_260, False, True),
        (600, 640, True, False),
    ],
    ids=[
        "idle, a tenth more",
        "under load, a tenth more",
        "under load, twice",
        "idle, hardly more",
    ],
)
def test_weights_are_renewed_later_under_load(
    counted: int, known: int, idle: bool, renewed: bool
) -> None:
    """At twice the records while messages come, at a tenth more once none does."""
    memory = Memory(Policy(), {kind: MemoryState(b"a secret") for kind in KINDS})
    resolver = memory._resolvers[PERSON]
    resolver._progress = resolver._progress._replace(telling=known, counted=counted)
    assert memory.wants_time(idle=idle) is renewed
    memory.renew(1, idle=idle)
    assert bool(memory.pending.frozen) is renewed


@pytest.mark.parametrize(
    ("changed", "looks"), [(1, 4), (25, 100), (50, 200), (150, 200), (900, 900)]
)
def test_a_batch_waits_for_few_looks(
    monkeypatch: pytest.MonkeyPatch, changed: int, looks: int
) -> None:
    """Four for each record of a small batch, one for each of a great one."""
    memory = Memory(Policy(), {kind: MemoryState(b"a secret") for kind in KINDS})
    resolver = memory._resolvers[PERSON]
    resolver.apply(crowd(3, 1))
    resolver.begin_settling()
    asked: list[int] = []

    def settle_some(limit: int) -> Changes:
        asked.append(limit)
        return Changes((), {})

    monkeypatch.setattr(resolver, "settle_some", settle_some)
    memory.renew(changed, idle=False)
    assert asked == [looks]


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    """One that knows 60 people, with weights frozen on them and stored; later ones go in slices."""
    monkeypatch.setattr("hub.processor.memory.PACKED_PER_BATCH", 1)
    memory = Memory(Policy(), {kind: MemoryState(b"a secret") for kind in KINDS})
    memory._resolvers[PERSON].apply(crowd(60, 1))
    memory.renew(1_000, idle=True)
    assert memory.pending.frozen == {PERSON: memory._resolvers[PERSON].frozen()}
    store(memory)
    assert not memory.unsettled
    return memory


def store(memory: Memory) -> set[str]:
    """All that is pending is stored; the kinds that are settled now."""
    names = memory.some_pending(1_000)
    settled = memory.settled(len(set(names)))
    memory.committed(None, names, settled)
    return settled


def test_what_weights_are_frozen_on_is_stored_once_it_is_whole(memory: Memory) -> None:
    """Until then the kind is not settled and nothing is frozen anew, whatever comes meanwhile."""
    resolver = memory._resolvers[PERSON]
    resolver.apply(crowd(180, 2))
    memory.renew(1_000, idle=True)
    assert list(memory.pending.begun) == [PERSON]
    frozen, counted = resolver.frozen(), resolver.counted
    batches = 0
    while not memory.pending.frozen and batches < 300:
        assert not store(memory)
        assert memory.wants_time(idle=False)
        resolver.apply({f"more {batches} {name}": one for name, one in crowd(4, batches).items()})
        memory.renew(1_000, idle=True)
        assert not memory.pending.begun
        batches += 1
    assert batches > 10
    assert memory.pending.frozen == {PERSON: frozen}
    assert resolver.counted == counted == len({*crowd(180, 2).values()})
    assert store(memory) == {PERSON}
    memory.renew(1_000, idle=True)
    assert list(memory.pending.begun) == [PERSON]


def test_what_is_taken_for_true_of_all_records_is_told_of_each_kind(memory: Memory) -> None:
    """As the resolver of the kind says it."""
    assert memory.assumptions == {
        (kind, name): holds
        for kind in KINDS
        for name, holds in memory._resolvers[kind].assumptions.items()
    }
    assert {name for _, name in memory.assumptions} == {"homes_are_shared", "names_tell_little"}
    assert memory.thresholds == {kind: memory._resolvers[kind].threshold for kind in KINDS}


def test_weights_frozen_in_a_batch_that_fails_are_frozen_later(memory: Memory) -> None:
    """Nothing of them is stored; those that were on their way before still are."""
    resolver = memory._resolvers[PERSON]
    resolver.apply(crowd(180, 2))
    memory.renew(1_000, idle=True)
    memory.undo()
    assert not memory._packing
    assert resolver.counted == len({*crowd(60, 1).values()})
    resolver.apply(crowd(180, 2))
    memory.renew(1_000, idle=True)
    store(memory)
    frozen = resolver.frozen()
    resolver.apply(crowd(220, 2))
    memory.begin_renewing()
    memory.undo()
    for _ in range(256):
        memory.renew(1_000, idle=True)
    assert memory.pending.frozen == {PERSON: frozen}
