"""Identity in the store, on a real PostgreSQL: whatever happened, it is as built from scratch.

OPERATIONS sets how many random operations the long test makes (150 by default).
"""

import contextlib
import json
import os
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from made_businesses import Told as ToldOfBusiness
from made_businesses import any_business, business, businesses
from made_businesses import subject as business_subject
from made_events import KEY
from made_people import AGENCIES, Told, anybody, crowd, person, subject
from registers import CODEC, Registers, decided

from hub.bus.topics import DECISIONS
from hub.canon.codec import Value
from hub.canon.model import Citizen, DecisionKind, EventKind, StewardDecision
from hub.canon.model import Subject as Kind
from hub.errors import Unavailable
from hub.identity.decisions import answer, propose
from hub.identity.models import read_model, told_model
from hub.identity.scope import Scope
from hub.identity.state import MemoryState
from hub.identity.subjects import ORGANISATION, PERSON
from hub.processor.desk import desk
from hub.processor.memory import KINDS, Policy
from hub.processor.run import open_states
from hub.processor.scratch import copy_frozen
from hub.processor.store import Store
from hub.processor.weighing import weigh
from hub.processor.work import state_secret

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(int(os.environ.get("LIMIT_S", "300")))]
OPERATIONS = int(os.environ.get("OPERATIONS", "150"))
MARIA = Told("Maria", "Garcia", "1950-01-11", phone="(312) 867-5301", street="12 Oak Street")
SAME, NOT_SAME = DecisionKind.SAME, DecisionKind.NOT_SAME


def decided_of_businesses(
    kind: DecisionKind, a: Iterable[int], b: Iterable[int], at: int
) -> StewardDecision:
    """What a steward decides about the businesses of records."""
    sides = (map(business_subject, a), map(business_subject, b))
    return propose(kind, Kind.ORGANISATION, sides, "anna", "looked at both", at)


def decisions() -> list[StewardDecision]:
    """Some decisions, one of them taken back, one decided otherwise later."""
    first = decided(SAME, [1], [2, 3], 1)
    return [
        first,
        answer(first, DecisionKind.UNDO, "anna", "was wrong", 2),
        decided(NOT_SAME, [4, 5], [6, 7], 3),
        decided(SAME, [8], [9], 4),
        decided(NOT_SAME, [8], [9], 5),
        decided(SAME, [10, 11], [12], 6),
        decided_of_businesses(SAME, [1_001], [1_002], 7),
        decided_of_businesses(NOT_SAME, [1_003, 1_004], [1_005, 1_006], 8),
    ]


def test_any_order_with_decisions_gives_the_same_entities(registers: Registers) -> None:
    """Of people and businesses, in random orders and batches: one digest, one queue for review."""
    made: list[Value] = [*crowd(250, 3), *businesses(150, 3), *decisions()]
    expected = None
    for order, size in enumerate((1_000, 60, 7)):
        chance = random.Random(order)
        chance.shuffle(made)
        register = registers(f"people{order}")
        for first in range(0, len(made), size):
            register.tell(*made[first : first + size])
        found = register.settled()
        expected = expected or found
        assert found == expected
        assert len({register.entity(record) for record in (10, 11, 12)} - {None}) == 1
    assert expected is not None
    for kind in (PERSON, ORGANISATION):
        assert sum(row[0] == kind for row in expected[1]) > 5


def test_failed_transactions_and_restarts_leave_no_trace(
    registers: Registers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails before and after the commit, and new processes: the views of an undisturbed run.

    The weights are not renewed at the end: a new process weighs as the last one did.
    """
    made: list[Value] = [*crowd(150, 4), *businesses(100, 4), *decisions()]
    random.Random(4).shuffle(made)
    calm, hit = registers("calm"), registers("hit")
    chance = random.Random(4)
    plain_batch = Store.batch

    def failing(self: Store, *arguments: object) -> object:
        return Faulty(plain_batch(self, *arguments), chance)  # type: ignore[arg-type]

    monkeypatch.setattr("hub.processor.work.RETRY_FIRST_S", 0.001)
    for first in range(0, len(made), 25):
        batch = made[first : first + 25]
        calm.tell(*batch)
        with monkeypatch.context() as patched:
            patched.setattr(Store, "batch", failing)
            hit.tell(*batch)
        if chance.random() < 0.3:
            hit.restart()
    assert Faulty.failures > 10
    assert hit.digest() == calm.digest()
    assert hit.settled() == calm.settled()


class Faulty:
    """A transaction that PostgreSQL goes away from now and then, before the commit or after."""

    failures = 0

    def __init__(self, batch: object, chance: random.Random) -> None:
        self._batch = batch
        self._when = chance.choice(("before", "after", "never", "never"))

    def __enter__(self) -> object:
        return self._batch.__enter__()  # type: ignore[attr-defined]

    def __exit__(self, *error: object) -> object:
        away = Unavailable("PostgreSQL is away")
        if error[0] is not None or self._when == "never":
            return self._batch.__exit__(*error)  # type: ignore[attr-defined]
        Faulty.failures += 1
        if self._when == "before":
            with contextlib.suppress(Unavailable):
                self._batch.__exit__(Unavailable, away, None)  # type: ignore[attr-defined]
        else:
            self._batch.__exit__(None, None, None)  # type: ignore[attr-defined]
        raise away


def test_random_operations_end_as_a_rebuild_does(registers: Registers) -> None:
    """Telling, correcting, withdrawing, deciding, undoing: state as from scratch, no id reused."""
    chance = random.Random(int(os.environ.get("SEED", "5")))
    register = registers("operations")
    told: list[Value] = []
    versions: dict[int, int] = {}
    proposals: list[StewardDecision] = []
    founders: dict[str, str] = {}
    while len(told) < OPERATIONS:
        batch = [
            operation(chance, versions, proposals, len(told) + number)
            for number in range(chance.choice((1, 1, 3, 20)))
        ]
        told += batch
        register.tell(*batch)
        for entity, one in register.store.all_entities().items():
            assert founders.setdefault(entity, one.founding_subject_id) == one.founding_subject_id
    anew = registers("anew")
    order = list(told)
    chance.shuffle(order)
    for first in range(0, len(order), 500):
        anew.tell(*order[first : first + 500])
    assert register.settled() == anew.settled()
    for name in founders:
        assert register.store.view(name) is not None


def operation(
    chance: random.Random, versions: dict[int, int], proposals: list[StewardDecision], at: int
) -> Value:
    """One random operation on up to 60 records, every third of a business."""
    kind = chance.choice(("put", "put", "put", "withdraw", "decide", "undo"))
    record = chance.randrange(1, max(10, min(60, OPERATIONS // 3)))
    if kind == "undo" and proposals:
        return answer(proposals.pop(), DecisionKind.UNDO, "anna", "was wrong", at)
    if kind == "decide":
        said = chance.choice((SAME, NOT_SAME))
        if record % 3:
            proposals.append(decided(said, [record], [record + chance.randrange(1, 9)], at))
        else:
            other = record + 3 * chance.randrange(1, 5)
            proposals.append(decided_of_businesses(said, [record], [other], at))
        return proposals[-1]
    version = versions[record] = versions.get(record, 0) + 1
    agency = AGENCIES[record % 2]
    if record % 3 == 0:
        what = EventKind.WITHDRAWN if kind == "withdraw" else EventKind.CORRECTED
        return business(record, any_business(chance), version, what, agency)
    if kind == "withdraw":
        return person(record, Told(), version, EventKind.WITHDRAWN, agency)
    return person(record, anybody(chance), version, EventKind.CORRECTED, agency)


def test_two_stewards_where_the_setting_asks_for_two(registers: Registers) -> None:
    """One alone changes nothing, twice neither; the second one's approval counts, and its undo."""
    register = registers("two", Policy(approvers=2))
    register.tell(person(1, MARIA), person(2, Told("Olga", "Nowak", "1962-05-05")))
    proposal = decided(SAME, [1], [2], 1)
    again = answer(proposal, DecisionKind.APPROVE, "anna", "sure", 2)
    register.tell(proposal, again)
    assert register.entity(1) != register.entity(2)
    register.tell(answer(proposal, DecisionKind.APPROVE, "ben", "I agree", 3))
    assert register.entity(1) == register.entity(2)
    register.restart()
    register.tell(answer(proposal, DecisionKind.UNDO, "anna", "no", 4))
    assert register.entity(1) == register.entity(2)
    register.tell(answer(proposal, DecisionKind.UNDO, "ben", "no", 5))
    assert register.entity(1) != register.entity(2)
    register.tell(proposal._replace(reason=" ", event_id=again.decision_id))
    (row,) = register.store.connection().execute(
        "SELECT headers FROM outbox WHERE topic LIKE '%q%'"
    )
    assert b"E-DECISION".hex().encode() in bytes(row[0])


def test_after_a_split_nothing_of_the_other_is_left_anywhere(
    registers: Registers, tmp_path: Path
) -> None:
    """No value of one record stands with the other's, in any table, nor anywhere in the cache.

    What was shown meanwhile is listed.
    """
    states = open_states(tmp_path / "state", KEY)
    register = registers("marker", states=states)
    marked = MARIA._replace(email="marker@mail.example", given="Markerina")
    register.tell(person(1, MARIA), person(2, marked, agency=AGENCIES[1]))
    apart = {record: register.entity(record) for record in (1, 2)}
    merge = decided(SAME, [1], [2], 1)
    register.tell(merge)
    both = register.entity(1)
    assert both == register.entity(2)
    register.tell(person(1, MARIA, 2, EventKind.CORRECTED))
    shown = register.store.view(str(both))
    register.tell(answer(merge, DecisionKind.UNDO, "anna", "two people", 2))
    assert {record: register.entity(record) for record in (1, 2)} == apart
    second = apart[2]
    for table, body in everything(register.store):
        if b"marker" in body.lower():
            owner = body.decode("latin-1")
            assert str(apart[1]) not in owner or table in ("subject", "view", "outbox"), table
            assert holds_only(body, str(second)) or table == "subject", table
    for state in states.values():
        state.close()
    cached = [file.read_bytes().lower() for file in tmp_path.rglob("*") if file.is_file()]
    assert sum(map(len, cached)) > 10_000
    assert not any(b"marker" in data or b"garcia" in data for data in cached)
    with desk(register.store) as seen:
        disclosed = seen.disclosures([subject(1)], [subject(2)])
    assert shown is not None
    assert [(one.entity_id, one.first, one.last) for one in disclosed] == [
        (both, shown.version - 1, shown.version)
    ]


def holds_only(body: bytes, entity: str) -> bool:
    """Whether a message or view is of this entity."""
    return entity.encode() in body


def everything(store: Store) -> Iterator[tuple[str, bytes]]:
    """Every row of every table, as bytes."""
    run = store.connection().execute
    tables = run(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [store.schema]
    ).fetchall()
    for (table,) in tables:
        for row in run(f"SELECT * FROM {table}").fetchall():  # noqa: S608 - names of tables
            parts = [bytes(one) if isinstance(one, bytes) else str(one).encode() for one in row]
            yield table, b"\x1f".join(parts)


def test_a_change_of_scope_resolves_anew(registers: Registers) -> None:
    """What no agreement allows any more is taken apart at the next start, and joined again."""
    register = registers("scope")
    register.tell(person(1, MARIA), person(2, MARIA, agency=AGENCIES[1]))
    shop = ToldOfBusiness("Harbour Bakeries LLC", "Harbour Bread", street="9 Mill Lane")
    register.tell(business(3, shop), business(4, shop, agency=AGENCIES[1]))
    assert register.entity(1) == register.entity(2)
    assert register.store.counts()["businesses"] == 1
    register.policy = Policy(Scope(apart=(frozenset(AGENCIES[:2]),)))
    register.restart()
    register.worker.settle()
    assert register.entity(1) != register.entity(2)
    assert register.store.counts()["businesses"] == 2
    register.policy = Policy()
    register.restart()
    register.worker.settle()
    assert register.entity(1) == register.entity(2)
    assert register.store.counts()["businesses"] == 1


def test_a_change_of_models_resolves_anew(registers: Registers, tmp_path: Path) -> None:
    """Of both kinds at the next start; with the models of the hub all is as it was."""
    register = registers("models")
    register.tell(person(1, MARIA), person(2, MARIA, agency=AGENCIES[1]))
    shop = ToldOfBusiness("Harbour Bakeries LLC", "Harbour Bread", street="9 Mill Lane")
    register.tell(business(3, shop), business(4, shop, agency=AGENCIES[1]))
    before = register.digest()
    assert register.entity(1) == register.entity(2)
    models = {}
    for name, kind in KINDS.items():
        file = tmp_path / name
        told = told_model(kind)
        weighs_nothing = {field: {**told[field], "cap": 0} for field in kind.fields}
        file.write_text(json.dumps({**told, **weighs_nothing}))
        models[name] = read_model(file, kind)
    register.policy = Policy(models=models)
    register.restart()
    register.worker.settle()
    assert register.entity(1) != register.entity(2)
    assert register.store.counts()["businesses"] == 2
    found = weigh(register.store, state_secret(KEY), register.policy, subject(1), subject(2))
    assert found.explanation.model == models[PERSON].version
    assert (found.explanation.together, found.explanation.total) == (False, 0)
    register.policy = Policy()
    register.restart()
    register.worker.settle()
    assert register.digest() == before


def test_a_view_shows_who_is_believed(registers: Registers) -> None:
    """The agency a table names comes first, whoever told last; the other value is a conflict."""
    register = registers("believed")
    born = MARIA._replace(ssn="411930012", email="maria@mail.example")
    other = born._replace(born="1950-01-12")
    register.tell(person(1, born), person(2, other, agency=AGENCIES[1]))
    assert register.entity(1) == register.entity(2)
    row = register.store.view(str(register.entity(1)))
    assert row is not None
    view = CODEC.decode(bytes(row.body))
    assert isinstance(view, Citizen)
    assert [one.value.text for one in view.born] == ["1950-01-11", "1950-01-12"]
    assert view.conflicts == ("born",)
    assert DECISIONS.retention_ms == -1


def test_weights_on_their_way_to_the_store_outlive_a_restart(
    registers: Registers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended between two slices, with what was remembered or without: a rebuild agrees at the end.

    Until all is stored the store says that it is not settled.
    """
    monkeypatch.setattr("hub.processor.memory.PACKED_PER_BATCH", 1)
    made: list[Value] = [*crowd(400, 5), *businesses(60, 5)]
    random.Random(5).shuffle(made)
    for schema, kept in (("slices", True), ("slices_of_none", False)):
        states = {kind: MemoryState(state_secret(KEY)) for kind in KINDS} if kept else None
        register = registers(schema, states=states)
        restarts = 0
        for first in range(0, len(made), 50):
            register.tell(*made[first : first + 50])
            register.worker.settle()
            if register.worker.memory._packing:
                assert not register.store.is_settled()
                register.restart()
                register.worker.load()
                assert bool(register.worker.memory._packing)
                restarts += 1
        assert restarts > 1
        while register.worker.settle():
            continue
        assert register.store.is_settled()
        anew = registers(f"{schema}_anew")
        copy_frozen(anew.store, register.store.schema)
        anew.restart(renews=False)
        anew.tell(*made)
        while anew.worker.settle():
            continue
        assert anew.digest() == register.digest()
