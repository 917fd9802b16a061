"""The same entities after any history, the same bytes on any replay.

CIVIC_ORDER_PEOPLE makes the set of random orders larger than it is by default.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from random import Random

import made
import pytest
import sets

from hub.identity.evaluate import entities
from hub.identity.record import PersonRecord
from hub.identity.resolver import Resolver

ORDERS = 20
ROWS = int(os.environ.get("CIVIC_ORDER_PEOPLE", "250"))
pytestmark = pytest.mark.timeout(int(os.environ.get("CIVIC_ORDER_TIMEOUT", "600")))


def history(people: Mapping[str, PersonRecord], seed: int) -> Resolver:
    """A resolver after a random history that ends with these people and three decisions."""
    chance = Random(seed)
    names = sorted(people)
    final = {(names[1], names[2]): False, (names[3], names[9]): True, (names[5], names[40]): True}
    gone = {f"gone-{name}": people[name] for name in names[::9]}
    left = [*names, *gone]
    chance.shuffle(left)
    resolver = Resolver()
    while left:
        batch, left = left[: (size := chance.choice((1, 1, 2, 7)))], left[size:]
        for name in [one for one in batch if chance.random() < 0.3]:
            resolver.apply({name: people[chance.choice(names)]})
        resolver.apply({name: people.get(name) or gone[name] for name in batch})
        if chance.random() < 0.02:
            resolver.settle()
        if chance.random() < 0.1:
            pair = chance.choice(list(final))
            resolver.apply({}, {pair: chance.choice((True, False, None))})
        if chance.random() < 0.1 and batch[0] in gone:
            resolver.apply({batch[0]: None})
    resolver.apply(dict.fromkeys(gone), final)
    resolver.settle()
    return resolver


def outcome(resolver: Resolver) -> bytes:
    """Entities and possible links as bytes."""
    told = [sorted(entities(resolver).items()), resolver.possible()]
    return json.dumps(told).encode()


def test_twenty_random_histories_end_the_same() -> None:
    """Corrections, withdrawals and decisions in between leave no trace in any of them."""
    dataset = sets.of_made(made.german())
    people = dict(sorted(dataset.records.items())[:ROWS])
    found = {outcome(history(people, seed)) for seed in range(ORDERS)}
    assert len(found) == 1
    groups = json.loads(found.pop())[0]
    assert ROWS * 0.3 < len({entity for _, entity in groups}) < ROWS * 0.9


def test_two_replays_are_equal_to_the_byte() -> None:
    """In processes whose hashes are in other orders: each answer on the way, and the end."""
    found = []
    for seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, __file__],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
            timeout=120,
        )
        found.append(ran.stdout)
    assert found[0] == found[1]
    assert len(found[0].strip()) == len(sha256().hexdigest())


def main() -> None:
    """Print the hash of every answer of a resolver to a made set, and of where it ends."""
    dataset = sets.of_made(made.few_columns())
    resolver, told = Resolver(), sha256()
    for name, record in sorted(dataset.records.items()):
        changes = resolver.apply({name: record})
        told.update(repr((changes.entities, sorted(changes.possible.items()))).encode())
    resolver.settle()
    told.update(outcome(resolver))
    print(told.hexdigest())  # noqa: T201 - the outcome


if __name__ == "__main__":
    main()
