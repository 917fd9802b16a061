"""The stand-in departments: the same for the same seed, whole, hostile, and true."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from told import application_rows

from connectors.grants import applications, awards
from connectors.licensing import connector as licences
from connectors.messaging import notifications, requests_rest
from hub.connect.contract import Change, Connector, Draft, Record, Request, Unchanged, Unreadable
from hub.errors import UnreadableRecord
from hub.local.departments import (
    grants,
    grants_rows,
    licensing,
    messaging,
    messaging_rows,
    names,
    population,
    spelling,
)
from hub.local.departments.messaging_rows import Callback
from hub.local.departments.population import Population

RECORDS_MIN = 20_000


@lru_cache(1)
def some() -> Population:
    """A small population."""
    return population.make(people=400, businesses=300)


def test_the_same_seed_gives_the_same_world() -> None:
    """Everything that departments tell is the same again, and another with another seed."""

    def world(seed: int) -> list[Any]:
        people = population.make(seed, 60, 30)
        return [
            people,
            list(grants_rows.transactions(people)),
            list(grants_rows.awards(people, later=True)),
            list(licensing.business_rows(people, 1)),
            list(licensing.professional_rows(people, 2)),
            messaging_rows.callbacks(people),
            messaging_rows.requests(people),
        ]

    assert world(1) == world(1)
    assert all(one != other for one, other in zip(world(1), world(2), strict=True))


def test_numbers_are_of_one_holder_and_of_nobody_real() -> None:
    """Every number is unique, in ranges that are never given out."""
    people = population.make()
    assert len({citizen.ssn for citizen in people.people}) == population.PEOPLE
    assert len({business.ein for business in people.businesses}) == population.BUSINESSES
    assert all(citizen.ssn.startswith("9") and len(citizen.ssn) == 9 for citizen in people.people)
    assert all(citizen.phone[3:8] == "55501" for citizen in people.people)
    assert all("example" in citizen.email for citizen in people.people if citizen.email)
    assert all(one.ein[:2] in population.EMPLOYER_PREFIXES for one in people.businesses)


def test_people_live_together_as_in_life() -> None:
    """Couples, parents and children, twins, fathers and sons of one name, and many namesakes."""
    people = population.make().people
    homes = Counter(citizen.home for citizen in people)
    assert 0.10 < sum(count - 1 for count in homes.values()) / len(people) < 0.25
    pairs = [
        (one, other)
        for place, one in enumerate(people)
        for other in people[place + 1 :]
        if one.family == other.family
    ]
    namesakes = [(a, b) for a, b in pairs if a.given == b.given]
    assert len(namesakes) > 200
    of_one_home = [pair for pair in namesakes if pair[0].home == pair[1].home]
    assert 3 <= len(of_one_home) <= 20
    assert all(a.suffix or b.suffix for a, b in of_one_home)
    assert sum(a.born == b.born for a, b in pairs) > 30
    assert sum(a.email == b.email != "" for a, b in pairs) >= 5
    assert sum(a.phone == b.phone for a, b in pairs) > 50
    with_phone_elsewhere = [a for a, b in pairs if a.phone == b.phone and a.home != b.home]
    assert not with_phone_elsewhere


def test_telephones_are_not_alike_by_chance() -> None:
    """Numbers that are never given out are few; no two of a demo's differ in one digit alone."""
    phones = {citizen.phone for citizen in population.make(people=2_000, businesses=0).people}
    neighbours = {
        f"{phone[:place]}{digit}{phone[place + 1 :]}"
        for phone in phones
        for place in range(10)
        for digit in "0123456789"
        if digit != phone[place]
    }
    assert not phones & neighbours


def test_a_demo_has_enough_to_do() -> None:
    """At least 20,000 source records in total."""
    people = population.make()
    writes = sum(map(len, grants_rows.transactions(people)))
    files = sum(len(list(grants_rows.awards(people, later=later))) for later in (False, True))
    rows = sum(
        len(list(kind(people, number)))
        for kind in (licensing.business_rows, licensing.professional_rows)
        for number in range(licensing.SNAPSHOTS)
    )
    posts, requests = len(messaging_rows.callbacks(people)), len(messaging_rows.requests(people))
    assert writes + files + rows + posts + requests > RECORDS_MIN
    assert min(writes, rows, posts) > 4_500
    assert min(files, requests) > 900


def test_people_and_businesses_are_known_to_several_departments() -> None:
    """Hundreds in two or three, and under the name of nobody else."""
    truth = [
        *grants_rows.truth(some()),
        *licensing.truth(some()),
        *messaging_rows.truth(some()),
    ]
    departments: dict[str, set[str]] = {}
    for one in truth:
        departments.setdefault(one.entity, set()).add(one.connector.partition("_")[0])
    known = Counter(len(found) for found in departments.values())
    assert known[2] > 150
    assert known[3] > 40
    entities = {one.entity for one in (*some().people, *some().businesses)}
    assert set(departments) <= entities
    places = Counter((one.connector, one.record_key, one.ref) for one in truth)
    assert max(places.values()) == 1


def test_hostile_names_are_in_every_department() -> None:
    """Markup, SQL, formulas and marks reach every way in as text."""
    people = population.make()
    told = [
        "".join(str(one) for writes in grants_rows.transactions(people) for one in writes),
        "".join(grants_rows.awards(people, later=False)),
        "".join(row["LEGAL NAME"] for row in licensing.business_rows(people, 0)),
        "".join(row["familyName"] for row in licensing.professional_rows(people, 0)),
        json.dumps(messaging_rows.requests(people)),
    ]
    for said in told:
        assert sum(piece.lower() in said.lower() for piece in ("script>", "DROP TABLE", "7*7")) >= 2
    assert any(len(name) > 500 for name in names.HOSTILE)


def drafts_of(connector: Connector, items: Iterable[Any]) -> tuple[list[Draft], Counter[str]]:
    """What a connector makes of a department's items; what it refuses, by code."""
    drafts: list[Draft] = []
    refused: Counter[str] = Counter()
    for item in items:
        if isinstance(item, Unreadable):
            refused[item.error.code] += 1
        elif isinstance(item, Change) and item.record:
            try:
                said = list(connector.translate(item))
            except UnreadableRecord as error:
                refused[error.code] += 1
            else:
                drafts += [draft for draft in said if isinstance(draft, Draft)]
    return drafts, refused


def all_rows(connector: Connector, settings: Any) -> Iterator[Any]:
    """All that a connector finds."""
    assert connector.changes is not None
    return connector.changes(settings, None)


def places(drafts: Iterable[Draft], connector: Connector) -> set[tuple[str, str, str]]:
    """Every place of a person or organisation that was published."""
    return {
        (connector.name, draft.record_key, claim.ref)
        for draft in drafts
        if draft.claims is not None
        for claim in (*draft.claims.persons, *draft.claims.organisations)
    }


def known(truth: Iterable[population.Truth]) -> set[tuple[str, str, str]]:
    """The places whose entity is known."""
    return {(one.connector, one.record_key, one.ref) for one in truth}


def check(connector: Connector, items: Iterable[Any], truth: set[tuple[str, str, str]]) -> None:
    """Each published place has its entity; nearly all known places are published; some refused."""
    drafts, refused = drafts_of(connector, items)
    found = places(drafts, connector)
    mine = {place for place in truth if place[0] == connector.name}
    assert len(found) > 50
    assert found <= mine
    assert len(found) > 0.9 * len(mine)
    assert refused.total() > 0


def test_the_truth_covers_what_the_grants_connectors_publish(tmp_path: Path) -> None:
    """Applications, awards, contacts and award files."""
    truth = known(grants_rows.truth(some()))
    check(applications.CONNECTOR, application_rows(some()), truth)
    assert grants.write_awards(tmp_path, some()) == 2
    assert grants.write_awards(tmp_path, some()) == 0
    check(awards.CONNECTOR, all_rows(awards.CONNECTOR, awards.Settings(tmp_path)), truth)


def test_the_truth_covers_what_the_licensing_connector_publishes(tmp_path: Path) -> None:
    """Business and professional licences of all snapshots."""
    assert licensing.write_snapshots(tmp_path, some()) == 6
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert licensing.write_snapshots(tmp_path, some()) == 0
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    items = list(all_rows(licences.CONNECTOR, licences.Settings(tmp_path)))
    check(licences.CONNECTOR, items, known(licensing.truth(some())))
    told = Counter(item.operation for item in items if isinstance(item, Change))
    assert min(told[name] for name in ("read", "created", "updated", "deleted")) > 3
    assert sum(item.count for item in items if isinstance(item, Unchanged)) > 300
    assert {item.error.code for item in items if isinstance(item, Unreadable)} >= {
        *("E-COLUMNS", "E-ENCODING", "E-DUPLICATE-KEY")
    }


def test_the_snapshots_have_the_columns_of_the_real_ones() -> None:
    """Chicago's 34 columns and the employer's number; CompactConnect's 22."""
    (row, *_) = licensing.business_rows(some(), 0)
    assert tuple(row) == licensing.BUSINESS_COLUMNS
    assert len(row) == 35
    (person, *_) = licensing.professional_rows(some(), 0)
    assert tuple(person) == licensing.PROFESSIONAL_COLUMNS
    assert len(person) == 22


def test_the_truth_covers_what_the_messaging_connectors_publish() -> None:
    """Callbacks and service requests."""
    truth = known(messaging_rows.truth(some()))
    settings, headers = notifications.Settings("t"), {"authorization": "Bearer t"}
    items = [
        item
        for post in messaging_rows.callbacks(some())
        for item in notifications.receive(settings, Request(post.path, headers, post.body))
    ]
    check(notifications.CONNECTOR, items, truth)
    latest = [states[-1] for states in messaging_rows.requests(some())]
    changes = [Change(Record(request), b"", version=1) for request in latest]
    check(requests_rest.CONNECTOR, changes, truth)


def test_requests_only_move_forward() -> None:
    """A later stage never has an earlier time, and what changed has a later one."""
    moved = 0
    for states in messaging_rows.requests(some()):
        there = [state for state in states if state is not None]
        for last, now in pairwise(there):
            assert now["updated_datetime"] >= last["updated_datetime"]
            if now["status"] != last["status"]:
                moved += 1
                assert now["updated_datetime"] > last["updated_datetime"]
    assert moved > 50


@pytest.mark.parametrize(
    "spell",
    [
        spelling.given_name,
        spelling.family_name,
        spelling.company,
        spelling.street,
        spelling.mistyped,
    ],
)
def test_spellings_differ_but_are_repeatable(spell: Callable[..., str]) -> None:
    """Different hands write differently; the same hand the same; nothing is ever blank."""
    for text in (
        "Elizabeth",
        "Brown Bakery Incorporated",
        "12 North Elm Street",
        "毛",
        *names.HOSTILE,
    ):
        told = [spell(text, population.chance_of(seed, "spell")) for seed in range(60)]
        assert told == [spell(text, population.chance_of(seed, "spell")) for seed in range(60)]
        assert all(told)
    assert (
        len(
            {
                spell("12 North Elm Street Corporation", population.chance_of(s, ""))
                for s in range(60)
            }
        )
        > 1
    )


@contextmanager
def hub(statuses: Callable[[int], int]) -> Iterator[tuple[str, list[tuple[str, bytes, str]]]]:
    """Answers the n-th post with a status; tells the address and the posts."""
    posts: list[tuple[str, bytes, str]] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        """One post."""

        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Take it."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                posts.append((self.path, body, self.headers["Authorization"]))
                status = statuses(len(posts))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/messaging_notifications", posts
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def send(url: str, stop: threading.Event | None = None, wait_s: float = 0.01) -> messaging.Counts:
    """Send the callbacks of a few people."""
    few = population.make(people=60, businesses=0)
    return messaging.send_webhooks(url, "t", few, stop or threading.Event(), retry_wait_s=wait_s)


def callbacks() -> Counter[Callback]:
    """What is to be sent."""
    return Counter(messaging_rows.callbacks(population.make(people=60, businesses=0)))


def test_every_callback_is_sent_and_again_after_trouble() -> None:
    """A 503 or 429 is tried again until it is taken; each is confirmed once."""
    with hub(lambda number: (503, 429)[number % 2] if number in range(5, 25) else 200) as (
        url,
        posts,
    ):
        counts = send(url)
    assert counts.posted == counts.confirmed == callbacks().total()
    assert counts.retries == len(posts) - counts.posted > 0
    taken = {Callback(path.rpartition("/")[2], body) for path, body, _ in posts}
    assert taken == set(callbacks())
    assert {authorisation for *_, authorisation in posts} == {"Bearer t"}


def test_what_the_hub_refuses_is_lost() -> None:
    """As with the real service, a 4xx is never tried again."""
    with hub(lambda _: 400) as (url, posts):
        counts = send(url)
    assert counts.refused == counts.posted == len(posts) == callbacks().total()


def test_a_hub_that_is_away_is_given_up_after_some_tries() -> None:
    """Nobody there: tried so often, then given up; the counts say so."""
    with hub(lambda _: 200) as (url, _):
        pass
    counts = send(url, wait_s=0.0)
    assert counts.given_up == counts.posted == callbacks().total()
    assert counts.retries == counts.posted * (messaging.TRIES_MAX - 1)


def test_sending_stops_when_asked() -> None:
    """Soon, even while it waits to try again."""
    stop = threading.Event()

    def statuses(number: int) -> int:
        if number == 20:
            stop.set()
        return 503

    with hub(statuses) as (url, posts):
        send(url, stop, wait_s=0.05)
    assert 20 <= len(posts) < 20 + 2 * messaging.SENDERS


def test_a_suffix_stands_where_it_can_and_a_birthday_may_be_swapped() -> None:
    """On a form without a place for it most write it behind the name; a day over 12 stays."""
    chance = population.chance_of(1, "forms")
    written = Counter(spelling.suffixed("Brown", "Jr", chance) for _ in range(200))
    assert written["Brown Jr"] > written["Brown"] > 20
    assert spelling.suffixed("Brown", "", chance) == "Brown"
    told = Counter(spelling.birthday(date(1970, 3, 5), chance) for _ in range(500))
    assert set(told) == {"1970-03-05", "1970-05-03"}
    assert told["1970-05-03"] < 50
    assert {spelling.birthday(date(1970, 3, 15), chance) for _ in range(300)} == {"1970-03-15"}
