"""`hub connector test` and `spec`: offline, honest exit codes, JSON for programs."""

import json
import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.cli.app import app
from hub.cli.view import leaves
from hub.connect.catalogue import connectors, home
from hub.connect.conformance.suite import CHECKS
from hub.connect.spec import spec

run = CliRunner()


def test_the_suite_runs_from_the_command_line() -> None:
    """Each check is told with what it proves; exit code 0 where none failed."""
    done = run.invoke(app, ["connector", "test", "messaging_notifications", "-o", "json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [one["check"] for one in told] == [check.name for check in CHECKS]
    assert {one["outcome"] for one in told} == {"passed", "skipped"}


def test_what_failed_is_told_and_can_be_recorded(tmp_path: Path) -> None:
    """A recorded event that is not told fails with where and what to do; --record mends it."""
    samples = Path(shutil.copytree(home("grants_awards") / "samples", tmp_path / "samples"))
    recorded = samples / "awards.expected.json"
    recorded.write_text(json.dumps(json.loads(recorded.read_text())[1:]))
    command = ["connector", "test", "grants_awards", "--samples", str(samples)]
    done = run.invoke(app, command)
    assert done.exit_code == 1
    assert "failed   recorded" in done.stdout
    assert "--record" in done.stdout
    done = run.invoke(app, [*command, "--record"])
    assert done.exit_code == 0, done.output
    assert "events recorded in" in done.stderr


@pytest.mark.parametrize("name", sorted(connectors()))
def test_spec_says_what_a_settings_file_needs(name: str) -> None:
    """Required keys, secrets as files, events and fields, without a settings file."""
    done = run.invoke(app, ["connector", "spec", name, "-o", "json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told == json.loads(json.dumps(spec(connectors()[name])))
    assert told["settings"]["additionalProperties"] is False
    assert set(told["settings"]["required"]) <= set(told["settings"]["properties"])
    assert {one["event"] for one in told["emits"]} == {
        body.__name__ for body in connectors()[name].emits
    }


def test_spec_hides_secrets_and_names_their_files() -> None:
    """A secret is the path of a file, never a value with a default."""
    found = spec(connectors()["grants_applications"])["settings"]
    assert found["required"] == ["dsn_file"]
    secret = found["properties"]["dsn_file"]
    assert (secret["type"], secret["writeOnly"], secret["format"]) == ("string", True, "path")
    assert secret["description"]
    assert "default" not in secret
    text = run.invoke(app, ["connector", "spec", "grants_applications"])
    assert "required" in text.stdout


MAPPING = """\
mapping: 1
name: dogs
owner: Office
system: dogs
purpose: licence-administration
domain: messaging
source: {files: {holds: csv}}
record_key: [{constant: dog}, id]
claims: {}
events:
  - event: TextReceived
    supersedes: {record_key: [{constant: dog}, old]}
    occurred: {date: day, format: "%Y-%m-%d"}
    body: {message_id: id}
"""


def test_a_source_is_read_without_a_hub(tmp_path: Path) -> None:
    """`check` and `read` need of the settings only what they say of connectors."""
    (tmp_path / "dogs").mkdir()
    (tmp_path / "dogs" / "mapping.yaml").write_text(MAPPING)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("id,old,day\n1,,2026-01-01\n2,1,2026-01-02\n")
    os.utime(tmp_path / "in" / "a.csv", (1_700_000_000, 1_700_000_000))
    settings = tmp_path / "hub.toml"
    settings.write_text('connectors_folder = "."\n[connectors.dogs]\nfolder = "in"\n')
    at = ["dogs", "--settings", str(settings)]
    done = run.invoke(app, ["connector", "check", *at])
    assert (done.exit_code, "dogs can run" in done.stdout) == (0, True), done.output
    done = run.invoke(app, ["connector", "read", *at, "-o", "json"])
    assert done.exit_code == 0, done.output
    assert [one["detail"] for one in json.loads(done.stdout)] == [
        "asserted", "asserted, in the place of dog/1",
    ]  # fmt: skip
    assert not any("values" in one for one in json.loads(done.stdout))
    done = run.invoke(app, ["connector", "read", *at, "--values", "-o", "json"])
    (first, _) = json.loads(done.stdout)
    assert first["values"]["body"]
    done = run.invoke(app, ["connector", "read", *at, "--values"])
    assert first["record"] in done.stdout
    paths = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")]
    assert paths == [path for path, _ in leaves(first["values"])] * 2
    done = run.invoke(app, ["connector", "spec", str(tmp_path / "dogs")])
    assert "[connectors.dogs]" in done.stdout
