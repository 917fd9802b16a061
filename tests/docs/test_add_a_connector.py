"""The guide for a new connector works as it is written, as far as it needs no hub."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from guide_blocks import blocks, execute

from hub.connect.conformance.suite import CHECKS

PAGE = "add-a-connector.md"
SETTINGS = """bootstrap_servers = "127.0.0.1:1"
registry_url = "http://127.0.0.1:1"
postgres_dsn_file = "dsn"
identity_key_file = "key"
"""


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The folder in which somebody followed the page without a hub, and what each step said."""
    folder = tmp_path_factory.mktemp("guide")
    (folder / "hub.toml").write_text(SETTINGS)
    return folder, [execute(text, folder) for mark, text in blocks(PAGE) if not mark]


def test_every_step_works(followed: tuple[Path, list[str]]) -> None:
    """No command fails, and each says what the page says it does."""
    discovered, written, _, tested, read, packed = followed[1]
    assert "date of birth" in discovered
    assert "Checks: 16 passed, 2 skipped." in written
    assert "failed" not in tested
    assert "E-DATE" in read
    assert read.count("LicenceIssued") == 7 + 1
    assert "claims.persons.0.names.0.family          Müller" in read
    assert "16 passed, 2 skipped" in packed


def test_no_code_is_written_and_nobody_is_named(followed: tuple[Path, list[str]]) -> None:
    """The folder holds no Python but the test, and nothing of the sample's persons."""
    home = followed[0] / "connectors" / "dog_licences"
    assert [path.name for path in home.rglob("*.py")] == ["test_dog_licences.py"]
    for path in home.rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        assert not [word for word in ("Müller", "HM-41", "anna@", "Lindenstraße 1") if word in text]


def test_the_edited_mapping_is_what_is_recorded(followed: tuple[Path, list[str]]) -> None:
    """What was mended by hand stands in the events recorded afterwards."""
    path = followed[0] / "connectors/dog_licences/samples/dog_licences.expected.json"
    events = json.loads(path.read_text(encoding="utf-8"))
    assert {one["body"]["licence"]["licence_class"] for one in events} == {"business"}
    assert len(events) == 12


def test_the_repository_can_be_installed(followed: tuple[Path, list[str]], tmp_path: Path) -> None:
    """Built as a wheel and put beside the hub, the connector is there by its entry point alone."""
    repository = followed[0] / "repositories" / "civic-dog-licences"
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=repository, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as found:
        found.extractall(tmp_path / "installed")
    done = subprocess.run(
        [sys.executable, "-m", "hub.cli", "connector", "test", "dog_licences", "-o", "json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = {one["check"]: one["outcome"] for one in json.loads(done.stdout)}
    assert list(told) == [check.name for check in CHECKS]
    assert "failed" not in told.values()


def test_the_page_names_every_check() -> None:
    """With the words the suite itself uses."""
    text = (Path(__file__).parents[2] / "docs" / "guides" / PAGE).read_text(encoding="utf-8")
    for check in CHECKS:
        assert f"| `{check.name}` | {check.proves} |" in text
