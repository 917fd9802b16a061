"""The resolver's state: in memory or in a file all is the same; nothing is lost or left over."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people import crowd, record

from hub.errors import Fenced
from hub.identity import state_lmdb
from hub.identity.occurrences import _COUNT
from hub.identity.record import PersonRecord
from hub.identity.remembered import key_of
from hub.identity.resolver import Resolver
from hub.identity.state import MemoryState
from hub.identity.state_lmdb import LmdbState

SECRET = b"a secret for tests"
VERDICTS = {"same": True, "different": False, "undecided": None}
People = Mapping[str, PersonRecord]
CHILD = """
import sys
from pathlib import Path
from people import crowd
from hub.identity.resolver import Resolver
from hub.identity.state_lmdb import LmdbState
resolver = Resolver(state=LmdbState(Path(sys.argv[1]), b"a secret for tests"))
for place, (name, one) in enumerate(sorted(crowd(10_000, 4).items()), 1):
    resolver.apply({name: one})
    if place % 10 == 0:
        resolver.commit(place)
        print(place, flush=True)
"""


def all_of(resolver: Resolver) -> object:
    """Everything the resolver says."""
    assert sorted(resolver.clusters()) == sorted(set(resolver.entities.values()))
    return resolver.entities, resolver.possible(), resolver.known, resolver.index.cut


Opened = Callable[..., LmdbState]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a state may be."""
    return tmp_path / "state"


@pytest.fixture
def opened(folder: Path) -> Iterator[Opened]:
    """Opens the state; what is open at the end is closed."""
    states: list[LmdbState] = []

    def one(secret: bytes = SECRET) -> LmdbState:
        for state in states:
            state.close()
        states[:] = [LmdbState(folder, secret)]
        return states[0]

    yield one
    for state in states:
        state.close()


def step(resolver: Resolver, kind: str, names: tuple[str, str], pool: People, at: int) -> object:
    """One operation on a resolver; what it told."""
    name, other = names
    if kind == "put":
        return resolver.apply({name: pool[name], other: pool[other]})
    if kind == "correct":
        return resolver.apply({name: pool[other]})
    if kind == "remove":
        return resolver.apply({name: None})
    if kind == "sweep":
        return resolver.settle_some(3)
    if kind in VERDICTS:
        return resolver.apply({}, {(min(names), max(names)): VERDICTS[kind]})
    if kind == "begin":
        resolver.begin_settling()
    elif kind == "commit":
        resolver.commit(at)
    else:
        resolver.rollback()
    return None


KINDS = ("put", "put", "put", "correct", "remove", "sweep", "begin", "commit", "back", "restart")


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_memory_and_file_give_the_same(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any sequence of changes, sweeps, commits, rollbacks and restarts."""
    folder = tmp_path_factory.mktemp("state")
    pool = crowd(30, data.draw(st.integers(0, 5)))
    pairs = st.tuples(st.sampled_from(sorted(pool)), st.sampled_from(sorted(pool)))
    with ExitStack() as opened:
        state = opened.enter_context(closing(LmdbState(folder, SECRET)))
        memory, disk = Resolver(state=MemoryState(b"another")), Resolver(state=state)
        for at in range(data.draw(st.integers(1, 25))):
            kind = data.draw(st.sampled_from((*KINDS, *VERDICTS)))
            names = data.draw(pairs.filter(lambda pair: pair[0] != pair[1]))
            if kind == "restart":
                opened.close()
                state = opened.enter_context(closing(LmdbState(folder, SECRET)))
                disk = Resolver(state=state)
            assert step(memory, kind, names, pool, at) == step(disk, kind, names, pool, at)
            assert memory.position == disk.position
            assert all_of(memory) == all_of(disk)


def test_weights_frozen_on_disk_weigh_the_same_in_memory(tmp_path: Path) -> None:
    """States of one secret make the same tokens, so a rebuild weighs as the live store does."""
    pool = crowd(60, 3)
    with closing(LmdbState(tmp_path, SECRET)) as state:
        disk, memory = Resolver(state=state), Resolver(state=MemoryState(SECRET))
        disk.apply(pool)
        disk.settle()
        memory.freeze_as(disk.frozen())
        memory.apply(pool)
        assert counts(memory.frozen()) == counts(disk.frozen())
        assert all_of(memory) == all_of(disk)


def counts(frozen: bytes) -> tuple[bytes, list[tuple[bytes, int]]]:
    """What weights are frozen on, whatever the order of its rows."""
    head, _, rows = frozen.partition(b"\n")
    return head, sorted(_COUNT.iter_unpack(rows))


@pytest.mark.parametrize("in_file", [False, True], ids=["memory", "file"])
def test_what_weights_are_frozen_on_is_packed_while_records_change(
    in_file: bool, opened: Opened
) -> None:
    """In slices, with changes, commits and rollbacks between: as it was when they were frozen."""
    pool = crowd(90, 3)
    chance = Random(3)
    resolver = Resolver(state=opened() if in_file else MemoryState(SECRET))
    resolver.apply({name: pool[name] for name in sorted(pool)[:60]})
    resolver.commit(1)
    resolver.begin_settling()
    frozen = counts(resolver.frozen())
    packing = resolver.packing()
    resolver.commit(2)
    slices = 0
    while not packing.is_done:
        packing.some(2)
        slices += 1
        for kind in ("put", "correct", "remove", "sweep", chance.choice(("commit", "back"))):
            step(resolver, kind, tuple(chance.sample(sorted(pool), 2)), pool, 3)  # type: ignore[arg-type]
    assert slices > 10
    assert counts(packing.data()) == frozen
    assert counts(resolver.frozen()) == frozen


def test_what_was_not_committed_is_applied_again_after_a_crash(opened: Opened) -> None:
    """The store has committed, the file has not: from its position on, in any order, once more."""
    pool = crowd(80, 2)
    rows = list(pool.items())
    whole = Resolver()
    resolver = Resolver(state=opened())
    for place, (name, one) in enumerate(rows, 1):
        whole.apply({name: one})
        resolver.apply({name: one})
        if place == 50:
            resolver.commit(place)
    again = Resolver(state=opened())
    assert again.position == 50
    assert again.known == 50
    left = rows[again.position - 5 :]
    Random(1).shuffle(left)
    for name, one in left:
        again.apply({name: one})
    assert all_of(again) == all_of(whole)


def test_a_killed_process_leaves_what_it_had_committed(folder: Path, opened: Opened) -> None:
    """After kill -9 the file is whole, and at the last position or the one under way."""
    helpers = str(Path(__file__).parent)
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": helpers},
        text=True,
    ) as child:
        assert child.stdout is not None
        told = [int(next(child.stdout)) for _ in range(12)]
        with pytest.raises(Fenced):
            opened()
        child.send_signal(signal.SIGKILL)
        told += [int(line) for line in child.stdout]
    resolver = Resolver(state=opened())
    assert told[-1] <= resolver.position <= told[-1] + 10
    names = sorted(crowd(10_000, 4).items())[: resolver.position]
    anew = Resolver()
    for name, one in names:
        anew.apply({name: one})
    assert all_of(resolver) == all_of(anew)


def test_a_machine_that_stopped_leaves_nothing_to_trust(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Commits are not forced to the disk: after another start of the machine all is made anew."""
    Resolver(state=opened()).commit(3)
    state = opened()
    assert Resolver(state=state).position == 3
    monkeypatch.setattr(state, "close", lambda: drop(state))
    boot = tmp_path / "boot_id"
    boot.write_text("another start")
    monkeypatch.setattr(state_lmdb, "BOOT", boot)
    assert Resolver(state=opened()).position == 0


def drop(state: LmdbState) -> None:
    """Let a state go without closing it properly, as a process does that ends."""
    state._lock.close()
    state._env.close()
    state._salts.close()


def test_no_value_can_be_read_from_the_files(folder: Path, opened: Opened) -> None:
    """Neither values nor the tokens another secret makes; and names of records not either."""
    state = opened()
    resolver = Resolver(state=state)
    marked = record("Zaphodius", "Quuxington", number="411930012", street="77 Marker Street")
    resolver.apply({"case-4711": marked, "case-4712": marked})
    resolver.commit(1)
    resolver.apply({"case-4711": None})
    resolver.commit(2)
    opened()
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for marker in (b"zaphodius", b"quuxington", b"411930012", b"marker", b"case-471"):
        assert marker not in files.lower()


def test_a_removed_record_cannot_be_unsealed_even_with_the_secret(
    folder: Path, opened: Opened
) -> None:
    """Free pages may have it, but the salt its key follows from is wiped, after a crash too."""
    state = opened()
    resolver = Resolver(state=state)
    one, other = record("Maria", "Garcia"), record("Olga", "Nowak")
    resolver.apply({"a": one, "b": other})
    resolver.commit(1)
    sealed = state._all["records"].get(key_of(1))
    salts = bytes(state._salts[1])
    assert sealed is not None
    resolver.apply({"a": None})
    state._records.wipe_gone = lambda: None  # type: ignore[method-assign] # killed before it could
    resolver.commit(2)
    assert state._salts[1] == salts
    state = opened()
    assert state._salts[1] == bytes(16)
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert salts not in files
    assert sealed in files
    assert Resolver(state=state).entities == {"b": ("b",)}


def test_a_state_made_in_another_way_is_made_anew(opened: Opened) -> None:
    """Another secret or other rules: nothing of the old state is used."""
    for secret, rules in ((SECRET, True), (b"another secret", True), (b"another secret", False)):
        resolver = Resolver(state=opened(secret), household_rules=rules)
        assert resolver.position == resolver.known == 0
        resolver.apply({"a": record("Maria", "Garcia")})
        resolver.commit(5)
    state = opened(b"another secret")
    assert Resolver(state=state, household_rules=False).entities == {"a": ("a",)}
