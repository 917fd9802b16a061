"""Files in a folder and on a real SFTP server: workers and server killed at random points."""

import getpass
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from source_kills import EXPECTED, kill, rows
from source_servers import SftpServer
from worker_processes import Workers

from hub.connect.contract import Change, Item
from hub.connect.sources import files, sftp
from hub.connect.sources.sftp import Sftp
from hub.connect.sources.shapes import JsonLines
from hub.errors import ContractBreach, SettingsError, SourceUnavailable
from hub.local.kafka import Kafka

pytestmark = pytest.mark.kafka
FILES = 5


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    """A server of this test's own."""
    made = SftpServer(tmp_path)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def place(server: SftpServer, **changed: Any) -> Sftp:
    """Its folder."""
    made = Sftp(
        "127.0.0.1",
        server.port,
        getpass.getuser(),
        server.host_key,
        str(server.drop),
        "*",
        server.key,
        rest_s=0.0,
    )
    return made._replace(**changed)


def read(there: Sftp, after: str | None = None) -> tuple[list[str], str | None]:
    """The records told after a position, and the position then."""
    items: list[Item] = list(files.changes(there, JsonLines(), after))
    keys = [item.record["id"] for item in items if isinstance(item, Change)]
    return keys, next((item.position for item in reversed(items) if item.position), after)


def line(number: int) -> str:
    """One record."""
    return f'{{"id": "{number}"}}\n'


def test_files_of_a_server_are_taken_once_also_late_ones(server: SftpServer) -> None:
    """By content, when complete, whatever their names."""
    (server.drop / "b").write_text(line(1) + line(2))
    (server.drop / "c.part").write_text(line(3))
    keys, position = read(place(server))
    assert keys == ["1", "2"]
    (server.drop / "a").write_text(line(4))
    (server.drop / "z").write_text(line(1) + line(2))
    keys, position = read(place(server), position)
    assert keys == ["4"]
    assert read(place(server), position)[0] == []
    keys, _ = read(place(server, marker=".done"))
    assert keys == []
    (server.drop / "b.done").touch()
    assert read(place(server, marker=".done"))[0] == ["1", "2"]


def test_a_file_that_is_still_being_written_waits(
    server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its size changes between two looks; it is taken whole later."""
    path = server.drop / "a"
    path.write_text(line(1))
    waits: list[float] = []

    def grow(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            with path.open("a") as file:
                file.write(line(2))

    monkeypatch.setattr(sftp.clock, "sleep_s", grow)
    keys, position = read(place(server))
    assert keys == []
    assert read(place(server), position)[0] == ["1", "2"]


def test_a_file_that_is_not_what_was_listed_waits(server: SftpServer) -> None:
    """It grew, shrank or went after the listing: nothing of it is told."""
    path = server.drop / "a"
    path.write_text(line(1))
    for change in (line(1) + line(2), "", None):
        with place(server).open() as opened:
            (listed,) = [one for one in opened.listing() if one.name == "a"]
            if change is None:
                path.unlink()
            else:
                path.write_text(change)
            with opened.fetch(listed) as local:
                assert local is None
        path.write_text(line(1))


def test_who_is_not_known_is_refused(server: SftpServer, tmp_path: Path) -> None:
    """Another host key, another user's key: a breach that tells no secret; broken keys as well."""
    (tmp_path / "other").mkdir()
    other = SftpServer(tmp_path / "other")
    for wrong in (
        place(server, host_key=other.host_key),
        place(server, key=other.key),
        place(server, key="", password="hush-hush"),
    ):
        with pytest.raises(ContractBreach) as caught:
            read(wrong)
        assert caught.value.code == "E-ACCESS"
        assert "hush" not in str(caught.value)
    for broken in (place(server, host_key="ssh-ed25519 x"), place(server, key="no key")):
        with pytest.raises(SettingsError):
            read(broken)


def test_a_server_or_folder_that_is_away_is_an_outage(server: SftpServer) -> None:
    """Before, and in the middle of a copy's listing."""
    with pytest.raises(SourceUnavailable):
        read(place(server, folder="/nowhere"))
    with pytest.raises(SourceUnavailable):
        _killed_while_open(server)
    with pytest.raises(SourceUnavailable):
        read(place(server))


def _killed_while_open(server: SftpServer) -> None:
    with place(server).open() as opened:
        server.kill()
        opened.listing()


def test_between_two_looks_the_runtime_may_look_around(server: SftpServer) -> None:
    """While the server rests there are checkpoints that say nothing new."""
    items = list(files.changes(place(server, rest_s=1.2), JsonLines(), None))
    assert len(items) >= 2
    assert len({item.position for item in items}) == 1


def write_files(folder: Path) -> None:
    """The rows in several files, some of them in an archive."""
    all_rows = [json.dumps(row) + "\n" for row in rows()]
    size = len(all_rows) // FILES
    for number in range(FILES):
        content = "".join(all_rows[number * size : (number + 1) * size])
        with zipfile.ZipFile(folder / f"part-{number}.zip", "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("rows.jsonl", content)
    for path in folder.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.mark.parametrize("disturbed", ["worker", "server", "folder"])
def test_kills_lose_and_double_nothing(
    kafka: Kafka, server: SftpServer, workers: Workers, disturbed: str
) -> None:
    """F16, F18: archives over SFTP and in a folder; books and events are exact."""
    write_files(server.drop)
    source = {"kind": "sftp", **place(server, pattern="*.zip")._asdict()}
    if disturbed == "folder":
        source = {"kind": "folder", "path": str(server.drop), "pattern": "*.zip"}
    books = kill(kafka, workers, source, server if disturbed == "server" else None)
    assert books == EXPECTED
