"""The main job on this machine: stand-in departments, connectors, processor, views, books."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from hub import clock
from hub.bus.reader import read_topic
from hub.bus.topics import POSITIONS
from hub.canon import registry
from hub.canon.codec import Codec
from hub.canon.model import Citizen
from hub.canon.state import decode_state
from hub.connect.positions import Position, latest
from hub.errors import SettingsError
from hub.identity.cluster import Possible
from hub.identity.subjects import PERSON
from hub.identity.words import in_words
from hub.local import truth
from hub.local.departments import grants, licensing, messaging, population
from hub.local.departments.requests_server import RequestsServer
from hub.local.deployment import Deployment, Ended, ended
from hub.local.downloads import Progress
from hub.local.explained import lacking
from hub.local.process import free_port
from hub.local.report import LINK, REFUSAL, WAITING, Report, Told
from hub.operations.books import Account, accounts, pending_events
from hub.processor import weighing
from hub.processor.run import policy_of
from hub.processor.store import Store
from hub.processor.work import state_secret

CONNECTORS = (
    "grants_applications",
    "grants_awards",
    "licensing",
    "messaging_notifications",
    "messaging_requests",
)
QUIET_S = 3.0
ADVANCE_S = 2.0
SHOWN_CITIZENS = 3
EXPLAINED_MAX = 15
"""So many links, refusals and pairs that wait are read whether they are explained."""


class Moment(NamedTuple):
    """How far the demo is."""

    seconds: float
    positions: dict[str, Position]
    processor: dict[str, dict[str, int]]
    counts: dict[str, int]
    pending: int
    ended: list[Ended]

    @property
    def accounts(self) -> list[Account]:
        """The books of every connector."""
        books = {name: position.books for name, position in self.positions.items()}
        return accounts(books, self.processor, self.pending)

    @property
    def records(self) -> int:
        """Source records read in all."""
        return sum(position.books.read for position in self.positions.values())

    @property
    def balanced(self) -> bool:
        """Whether everything read stands somewhere and everything published was applied."""
        whole = set(self.positions) >= set(CONNECTORS)
        settled = self.pending == 0 and self.counts.get("outbox") == 0
        return whole and settled and not any(one.problems for one in self.accounts)


class Demo:
    """The demo over one state folder; `start` from the main thread, then `look` now and then."""

    def __init__(self, state_dir: Path, progress: Progress) -> None:
        """Nothing is started yet."""
        self.deployment = Deployment(state_dir, progress)
        self._progress = progress
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._failures: list[str] = []
        self._people = population.make()
        self._requests: RequestsServer | None = None
        self._began_s = clock.monotonic_s()
        self._last_change_s = clock.monotonic_s()
        self._last: tuple[object, ...] = ()
        self.store: Store
        self.codec: Codec

    def start(self) -> None:
        """Start servers, departments, connectors, processor and relay."""
        deployment, drop = self.deployment, self.deployment.state_dir / "departments"
        people = self._people
        server = self._requests = RequestsServer(people)
        server.start()
        intake = free_port(None)
        token = deployment.secret("notifications_token", clock.random_token())
        dsn_file = deployment.state_dir / "secrets" / "grants_dsn"
        deployment.start_servers(
            {
                "grants_applications": {"dsn_file": dsn_file},
                "grants_awards": {"folder": drop / "awards"},
                "licensing": {"folder": drop / "licences"},
                "messaging_notifications": {"token_file": token, "intake_port": intake},
                "messaging_requests": {"base_url": server.base_url},
            }
        )
        grants_dsn = deployment.stack.postgres.create_database("grants")
        deployment.secret("grants_dsn", grants_dsn)
        self._progress("the departments open")
        department = grants.GrantsDepartment(grants_dsn, people)
        department.create()
        for folder in ("awards", "licences"):
            (drop / folder).mkdir(parents=True, exist_ok=True)
        deployment.run("processor", "processor")
        deployment.run("relay", "relay")
        for name in CONNECTORS:
            deployment.run(name, "connector", name)
        self.store = Store(deployment.endpoints.postgres_dsn)
        self.store.migrate()
        url = deployment.endpoints.registry_url
        self.codec = Codec(registry.known_ids(url), registry.fetcher(url))
        callbacks = f"http://127.0.0.1:{intake}/messaging_notifications"
        self._work("grants", lambda: department.work(stop=self._stop.is_set))
        self._work("awards", lambda: grants.write_awards(drop / "awards", people))
        self._work("licensing", lambda: licensing.write_snapshots(drop / "licences", people))
        self._work("messaging", lambda: self._post(callbacks, token.read_text(), people))
        self._work("requests", lambda: self._advance(server))

    def _work(self, name: str, work: Callable[[], object]) -> None:
        def run() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - told in the report, the demo then fails
                self._failures.append(f"department {name}: {type(error).__name__}")

        thread = threading.Thread(target=run, name=f"department-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _post(self, url: str, token: str, people: population.Population) -> None:
        """Send the callbacks once; a second demo over the same state sends none, as in life."""
        mark = self.deployment.state_dir / "callbacks-sent"
        if not mark.exists():
            counts = messaging.send_webhooks(url, token, people, self._stop)
            if counts.given_up == 0 and not self._stop.is_set():
                mark.write_text(json.dumps(counts._asdict()))

    def _advance(self, server: RequestsServer) -> None:
        while not self._stop.wait(ADVANCE_S) and server.advance():
            continue

    def look(self) -> Moment:
        """How far it is. Raises Unavailable where a server does not answer."""
        deployment = self.deployment
        servers = deployment.endpoints.bootstrap_servers
        positions = latest(read_topic(servers, POSITIONS.name))
        pending = pending_events(deployment.settings, self.store)
        moment = Moment(
            clock.monotonic_s() - self._began_s,
            positions,
            self.store.books(),
            self.store.counts(),
            pending,
            ended(deployment),
        )
        state = (
            tuple((name, one.text, one.books) for name, one in sorted(positions.items())),
            pending,
            tuple(moment.counts[name] for name in ("citizens", "businesses", "outbox")),
        )
        if state != self._last:
            self._last, self._last_change_s = state, clock.monotonic_s()
        return moment

    def worked_off(self, moment: Moment) -> bool:
        """Whether the departments are done, nothing has moved for a while, and all is settled."""
        busy = any(thread.is_alive() for thread in self._threads)
        quiet_s = clock.monotonic_s() - self._last_change_s
        still = moment.pending == 0 and quiet_s > QUIET_S
        return not busy and still and self.store.is_settled()

    def best_known(self) -> list[Citizen]:
        """The citizens known to the most agencies by the most records."""
        known: list[tuple[int, int, str, Citizen]] = []
        for row in self.store.views("person"):
            view = self.codec.decode(bytes(row.body))
            if isinstance(view, Citizen):
                rank = (len(view.agencies), len(view.record_ids), view.entity_id, view)
                known.append(rank)
        known.sort(key=lambda one: (-one[0], -min(one[1], 6), one[2]))
        return [one[3] for one in known[:SHOWN_CITIZENS]]

    def report(self, moment: Moment) -> Report:
        """What came of it."""
        return Report(
            moment.seconds,
            moment.accounts,
            moment.balanced,
            self._matched(),
            self._explained(),
            list(self._failures),
        )

    def _matched(self) -> list[truth.Matched]:
        """How well the stored entities match who is who, which no part of the hub was told."""
        key = self.deployment.settings.identity_key()
        true_entity = truth.of_subjects(truth.truth(self._people), key)
        with self.store.snapshot() as batch:
            rows = (row for part in batch.subjects_after(-1) for row in part)
            return truth.matched(rows, true_entity)

    def _explained(self) -> list[Told]:
        """Some links, refusals and pairs that wait for review, each with its explanation."""
        with self.store.snapshot() as batch:
            waiting = [one for (kind, _), one in batch.possible().items() if kind == PERSON]
        pairs = [
            *((LINK, pair) for pair in self._linked()),
            *((REFUSAL, pair) for pair in _some(waiting, refused=True)),
            *((WAITING, pair) for pair in _some(waiting, refused=False)),
        ]
        told = (self._explain(what, pair) for what, pair in pairs)
        return [one for one in told if one is not None]

    def _linked(self) -> list[tuple[str, str]]:
        """Two subjects each of some citizens whom two agencies know or more."""
        with self.store.snapshot() as batch:
            rows = [row for part in batch.subjects_after(-1) for row in part if row.kind == PERSON]
        held: dict[str, list[tuple[str, str]]] = {}
        for row in rows:
            if row.entity_id is not None:
                agency = decode_state(bytes(row.state)).agency
                held.setdefault(row.entity_id, []).append((agency, row.subject_id))
        ends = [(min(one), max(one)) for _, one in sorted(held.items())]
        return [(a[1], b[1]) for a, b in ends if a[0] != b[0]][:EXPLAINED_MAX]

    def _explain(self, what: str, pair: tuple[str, str]) -> Told | None:
        """The explanation; None where one of the two claims nothing any more."""
        settings = self.deployment.settings
        secret = state_secret(settings.identity_key())
        try:
            found = weighing.weigh(self.store, secret, policy_of(settings), *pair)
        except SettingsError:
            return None
        words = in_words(found.explanation)
        lacks = lacking(found.explanation, words, together=what == LINK)
        return Told(what, found.named, words, tuple(lacks))

    def stop(self) -> None:
        """Stop the departments, the processes and the servers."""
        self._stop.set()
        for thread in self._threads:
            thread.join(5)
        if self._requests is not None:
            self._requests.stop()
        self.deployment.stop()


def _some(waiting: list[Possible], *, refused: bool) -> list[tuple[str, str]]:
    """Pairs that a rule keeps apart, or that evidence alone is short for; the strongest first."""
    found = [one for one in waiting if (one.refusal is not None) == refused]
    found.sort(key=lambda one: (-one.weight, one.a, one.b))
    return [(one.a, one.b) for one in found[:EXPLAINED_MAX]]
