"""Builds the views anew from the topics, beside the live ones, and compares or replaces them.

The rebuilt store lies in a schema of its own. When it takes the place of the live one, entities get
the identifiers they had, because identifiers that were published always resolve.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from hub.bus.reader import Message, read_topic
from hub.bus.topics import processor_topics
from hub.canon.codec import Codec
from hub.canon.model import Business, Citizen, IdentityChangeKind
from hub.identity.assign import Entity, IdentityStep
from hub.processor import step
from hub.processor.digest import state_digest
from hub.processor.rows import Outgoing, ViewRow
from hub.processor.run import policy_of
from hub.processor.scratch import copy_deadly, copy_frozen, drop, take_place_of
from hub.processor.store import Store
from hub.processor.work import Worker
from hub.settings import HubSettings
from hub.telemetry.metrics import Health

SCHEMA = "hub_rebuild"
LIVE = "hub"
TELL_EVERY = 10_000


class Rebuilt(NamedTuple):
    """How many messages were read, and what both stores say.

    Where the live store was not `settled`, some of it is decided under weights frozen before.
    """

    messages: int
    settled: bool
    live_digest: str
    rebuilt_digest: str

    @property
    def same(self) -> bool:
        """Whether the rebuilt views say what the live ones do."""
        return self.live_digest == self.rebuilt_digest


def rebuild(settings: HubSettings, codec: Codec, progress: Callable[[str], None]) -> Rebuilt:
    """Read the event topics to their present ends into a fresh schema and compare."""
    live = Store(settings.postgres_dsn(), LIVE)
    live.migrate()
    scratch = Store(settings.postgres_dsn(), SCHEMA)
    drop(scratch)
    scratch.migrate()
    copy_deadly(scratch, LIVE)
    copy_frozen(scratch, LIVE)
    worker = Worker(
        scratch,
        codec,
        settings.identity_key(),
        threading.Event(),
        Health(),
        policy_of(settings),
        renews=False,
    )
    count = 0
    for topic in processor_topics():
        for partition in range(topic.partitions):
            worker.assign(topic.name, partition)
        messages = read_topic(settings.bootstrap_servers, topic.name, settings.kafka)
        for batch in _batches(messages, settings.batch_events_max):
            worker.process(batch)
            count += len(batch)
            if count % TELL_EVERY < len(batch):
                progress(f"{count:,} events read")
    while worker.settle():
        continue
    found = Rebuilt(
        count, live.is_settled(), state_digest(live, codec), state_digest(scratch, codec)
    )
    live.close()
    scratch.close()
    return found


def replace(settings: HubSettings, codec: Codec) -> int:
    """Put the rebuilt store in the place of the live one; how many views it changes.

    Running processors are fenced off and begin again where the rebuild ended. Consumers get each
    view that differs, one version on. Published identifiers stay and always resolve.
    """
    scratch = Store(settings.postgres_dsn(), SCHEMA)
    live = Store(settings.postgres_dsn(), LIVE)
    members, old_members = scratch.members(), live.members()
    names = same_names(old_members, members)
    known = {row.entity_id: row for row in live.all_views()}
    entities, rebuilt = live.all_entities(), scratch.all_entities()
    rows, messages = _renamed(codec, scratch, names, known)
    fresh = [rebuilt[name] for name in members if names[name] == name and name not in entities]
    entity_of = {one: names[name] for name, held in members.items() for one in held}
    steps = [
        _gone(entities[name], old_members[name], entity_of)
        for name in sorted(old_members.keys() - set(names.values()))
    ]
    gone = {one.entity.entity_id: step.gone_view(one.entity) for one in steps}
    published = step.publish(codec, gone, {name: (known[name].version, b"") for name in gone})
    kept = [row for name, row in known.items() if row.retired and name not in names.values()]
    live.close()
    with take_place_of(scratch, LIVE, names) as batch:
        first = batch.take_numbers("entity", len(fresh))
        minted = [one._replace(order=number) for number, one in enumerate(fresh, first)]
        batch.put_entities([*minted, *(one.entity for one in steps)])
        batch.put_views([*rows, *published.rows, *kept])
        number = batch.take_numbers("identity", len(steps))
        told = step.identity_messages(codec, steps, {}, number)
        batch.put_outgoing([*told, *messages, *published.messages])
    return len(messages) + len(published.messages)


def same_names(before: Mapping[str, list[str]], after: Mapping[str, list[str]]) -> dict[str, str]:
    """For each entity of `after` the identifier of that in `before` it shares most subjects with.

    Each identifier is given once, the larger share first; an entity that shares none keeps its own.
    """
    holder = {subject: name for name, subjects in before.items() for subject in subjects}
    shares = Counter(
        (name, holder[subject])
        for name, subjects in after.items()
        for subject in subjects
        if subject in holder
    )
    names: dict[str, str] = {}
    given: set[str] = set()
    for (name, old), _ in sorted(shares.items(), key=lambda share: (-share[1], share[0])):
        if name not in names and old not in given:
            names[name] = old
            given.add(old)
    return {name: names.get(name, name) for name in after}


def _renamed(
    codec: Codec, scratch: Store, names: Mapping[str, str], known: Mapping[str, ViewRow]
) -> tuple[list[ViewRow], list[Outgoing]]:
    """The rebuilt views under the identifiers they had, with the messages of those that differ."""
    rows: list[ViewRow] = []
    messages: list[Outgoing] = []
    for row in scratch.views():
        view = codec.decode(bytes(row.body))
        if not isinstance(view, Citizen | Business):
            raise TypeError("a stored view is a citizen or a business")
        name = names[row.entity_id]
        roles = tuple(
            role._replace(entity_id=names.get(role.entity_id or "", role.entity_id))
            for role in view.roles
        )
        bare = view._replace(entity_id=name, version=0, roles=roles)
        last = known.get(name)
        stored = {name: (last.version, last.digest)} if last else {}
        published = step.publish(codec, {name: bare}, stored)
        rows += published.rows or ([last] if last else [])
        messages += published.messages
    return rows, messages


def _gone(entity: Entity, subjects: list[str], entity_of: Mapping[str, str]) -> IdentityStep:
    """What became of an entity that the rebuilt views do not have."""
    into = next((entity_of[one] for one in subjects if one in entity_of), None)
    if into is None:
        kind, changed = IdentityChangeKind.RETIRED, entity._replace(retired=True)
    else:
        kind, changed = IdentityChangeKind.MERGED, entity._replace(redirect_to=into)
    return IdentityStep(kind, changed, into, (), "the views were built anew")


def _batches(messages: Iterator[Message], size: int) -> Iterator[list[Message]]:
    while batch := list(islice(messages, size)):
        yield batch
