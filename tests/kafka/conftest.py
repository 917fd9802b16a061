"""Real servers for tests, of each test's own, so that it may kill them."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import structlog
from hub_under_test import Hub
from registers import Register, Registers
from worker_processes import TOPICS, Workers, address_of

from hub.bus import admin
from hub.bus.topics import all_topics
from hub.canon import registry
from hub.canon.codec import Codec
from hub.identity.state import State
from hub.local.downloads import cache_folder, kafka_jars
from hub.local.kafka import Kafka
from hub.local.postgres import Postgres
from hub.local.process import free_port
from hub.local.stack import LocalStack
from hub.processor.memory import Policy
from hub.settings import HubSettings

KEY = b"a key for tests only, at least 32 bytes"


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on servers that their file shares stay together; those with their own are spread."""
    for item in items:
        assert isinstance(item, pytest.Function)
        fixtures = item._fixtureinfo.name2fixturedefs.values()
        if any(held[-1].scope == "module" for held in fixtures):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def pytest_collection_finish(session: pytest.Session) -> None:
    """The groups are heeded: xdist puts each into the test's name, which pytest 9.2 lets pass."""
    if session.config.getoption("loadgroup", default=False):
        marked = [item for item in session.items if item.get_closest_marker("xdist_group")]
        scattered = [item.nodeid for item in marked if "@" not in item.nodeid]
        assert not scattered, "xdist knows no groups of tests: does it suit this pytest?"


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """Logs as they were: a command run in a test sends them to a stream that ends with it."""
    configured, before = structlog.is_configured(), structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
    if configured:
        structlog.configure(**before)
    for added in (one for one in root.handlers if one not in handlers):
        added.close()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """Servers of this test's own, so that it may kill them."""
    with LocalStack(tmp_path / "servers") as stack:
        at = stack.endpoints
        admin.apply_topics(at.bootstrap_servers, all_topics(("licensing",)), {})
        ids = registry.register_all(at.registry_url)
        dsn, key = tmp_path / "dsn", tmp_path / "key"
        dsn.write_text(at.postgres_dsn)
        key.write_bytes(KEY)
        settings = HubSettings(
            at.bootstrap_servers,
            at.registry_url,
            dsn,
            key,
            state_dir=tmp_path / "state",
            session_timeout_s=6.0,
        )
        made = Hub(stack, settings, Codec(ids, registry.fetcher(at.registry_url)), tmp_path)
        yield made
        for store in made.stores:
            store.close()


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[Kafka]:
    """One broker of this test's own, with the topics of the workers' connector made."""
    cache = cache_folder()
    jars = kafka_jars(cache, lambda _: None)
    server = Kafka(tmp_path / "kafka", free_port(None), free_port(None), jars, cache)
    server.start()
    try:
        made = admin.apply_topics(address_of(server), TOPICS, {})
        assert {state for _, state in made} == {"made"}
        yield server
    finally:
        server.stop()


@pytest.fixture
def workers() -> Iterator[Workers]:
    """Worker processes, ended with the test."""
    made = Workers()
    yield made
    made.end()


@pytest.fixture
def eventually() -> Callable[..., None]:
    """Wait until something holds, at most `limit_s` seconds."""

    def wait(holds: Callable[[], bool], limit_s: float = 60.0) -> None:
        done = threading.Event()
        for _ in range(int(limit_s / 0.2)):
            if holds():
                return
            done.wait(0.2)
        raise AssertionError(f"not within {limit_s} s")

    return wait


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL of these tests' own."""
    server = Postgres(tmp_path_factory.mktemp("postgres") / "data", free_port(None))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def registers(postgres: Postgres) -> Iterator[Registers]:
    """Makes registers, closed after the test."""
    made: list[Register] = []

    def make(
        schema: str, policy: Policy | None = None, states: Mapping[str, State] | None = None
    ) -> Register:
        made.append(Register(postgres, schema, policy, states))
        return made[-1]

    yield make
    for one in made:
        one.store.close()
