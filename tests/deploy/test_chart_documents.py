"""What is written beside the chart says what the chart does: values table, snapshot, image.

With CIVIC_HUB_UPDATE=1 the table and the snapshot are written anew instead of compared.
"""

import dataclasses
import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import hub
from hub.connect import lint
from hub.connect.catalogue import connectors

pytestmark = pytest.mark.timeout(600)
DEPLOY = Path(__file__).parents[2] / "deploy"
CHART = DEPLOY / "helm" / "civic-hub"
README = CHART / "README.md"
SNAPSHOT = Path(__file__).with_name("snapshots") / "default.yaml"
UPDATE = os.environ.get("CIVIC_HUB_UPDATE") == "1"
HOW = "write it anew with: CIVIC_HUB_UPDATE=1 pytest tests/deploy"
BEGIN, END = "<!-- values: generated from values.yaml -->\n", "<!-- end of values -->\n"
COMMENT = re.compile(r"^\s*# -- (.+)$")
KEY = re.compile(r"^( *)([A-Za-z]\w*):")
INDENT = 2


def documented(text: str) -> Iterator[tuple[str, str]]:
    """Dotted path and text of every key of values.yaml that has a `# --` comment above it."""
    path: list[str] = []
    said = ""
    for line in text.splitlines():
        comment, key = COMMENT.match(line), KEY.match(line)
        if comment:
            said = comment[1]
        elif key:
            path = [*path[: len(key[1]) // INDENT], key[2]]
            if said:
                yield ".".join(path), said
            said = ""


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """Dotted path of every value that is not a filled table."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    else:
        yield path


def table() -> str:
    """The values as the README shows them."""
    text = (CHART / "values.yaml").read_text()
    defaults = yaml.safe_load(text)
    lines = ["| key | default | what it is |", "| --- | --- | --- |"]
    for path, said in documented(text):
        default = defaults
        for key in path.split("."):
            default = default[key]
        lines.append(f"| `{path}` | `{json.dumps(default)}` | {said} |")
    return "\n".join(lines) + "\n"


def template(helm: Path, *options: str | Path) -> str:
    """The rendered chart as text."""
    done = subprocess.run(
        [helm, "template", "hub", CHART, "--kube-version", "1.33.0", *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_value_is_told() -> None:
    """Each value, or the table it stands in, has its comment in values.yaml."""
    text = (CHART / "values.yaml").read_text()
    told = {path for path, _ in documented(text)}
    for leaf in leaves(yaml.safe_load(text)):
        assert any(leaf == path or leaf.startswith(f"{path}.") for path in told), leaf


def test_readme_shows_the_values() -> None:
    """The table in the chart's README is the one values.yaml makes."""
    text = README.read_text()
    before, _, rest = text.partition(BEGIN)
    shown, _, after = rest.partition(END)
    if UPDATE:
        README.write_text(before + BEGIN + table() + END + after)
        return
    assert shown == table(), HOW


def test_default_rendering_is_the_snapshot(helm: Path) -> None:
    """A change of what the chart makes by default is seen in review."""
    found = template(helm)
    if UPDATE:
        SNAPSHOT.parent.mkdir(exist_ok=True)
        SNAPSHOT.write_text(found)
        return
    assert found == SNAPSHOT.read_text(), HOW


def given(name: str) -> dict[str, Any]:
    """Values for one connector with nothing but the settings it requires."""
    settings: dict[str, Any] = {}
    secrets: dict[str, Any] = {}
    for field in dataclasses.fields(connectors()[name].settings):
        if field.metadata.get("secret"):
            secrets[field.name] = {"secret": "department", "key": field.name}
        elif field.default is dataclasses.MISSING:
            settings[field.name] = "http://example" if field.name == "base_url" else "/data"
    receive = connectors()[name].receive is not None
    return {"settings": settings, "secretFiles": secrets, "receive": receive}


@pytest.mark.parametrize("name", sorted(connectors()))
def test_each_connector_takes_the_settings_it_gets(helm: Path, tmp_path: Path, name: str) -> None:
    """The table rendered for a connector is accepted by its own code, secrets from files."""
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump({"connectors": {name: given(name)}}))
    rendered = yaml.safe_load_all(template(helm, "-f", values))
    wanted = f"connector-{name.replace('_', '-')}"
    (text,) = (
        one["data"]["hub.toml"]
        for one in rendered
        if one["kind"] == "ConfigMap" and one["metadata"]["name"].endswith(wanted)
    )
    own = tomllib.loads(text)["connectors"][name]
    intake = {key: own.pop(key) for key in ("intake_host", "intake_port") if key in own}
    assert bool(intake) == (connectors()[name].receive is not None)
    for key in [key for key in own if key.endswith("_file")]:
        (tmp_path / key).write_text("secret")
        own[key] = str(tmp_path / key)
    found = lint.settings_of(connectors()[name], own, tmp_path)
    assert isinstance(found, connectors()[name].settings)


def test_operator_resources_have_the_shape_the_operator_reads(helm: Path) -> None:
    """The monitor finds the pods' metrics port; each alert has an expression, severity, summary."""
    switches = ("--set", "podMonitor.enabled=true", "--set", "prometheusRule.enabled=true")
    found = {one["kind"]: one for one in yaml.safe_load_all(template(helm, *switches)) if one}
    monitor = found["PodMonitor"]["spec"]
    pod = found["Deployment"]["spec"]["template"]
    labels = pod["metadata"]["labels"].items()
    assert monitor["selector"]["matchLabels"].items() <= labels
    ports = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
    assert {one["port"] for one in monitor["podMetricsEndpoints"]} <= ports
    (group,) = found["PrometheusRule"]["spec"]["groups"]
    for rule in group["rules"]:
        assert rule["alert"].startswith("CivicHub")
        assert rule["expr"]
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert all(isinstance(text, str) for text in rule["annotations"].values())
        assert rule["annotations"]["summary"].endswith(".")


def test_alerts_name_metrics_that_the_hub_has(helm: Path) -> None:
    """A metric that is renamed in the code cannot stay behind in an alert."""
    rendered = template(helm, "--set", "prometheusRule.enabled=true")
    (rules,) = (one for one in yaml.safe_load_all(rendered) if one["kind"] == "PrometheusRule")
    (group,) = rules["spec"]["groups"]
    expressions = " ".join(rule["expr"] for rule in group["rules"])
    named = set(re.findall(r"\b(?:civic|kafka)_\w+", expressions))
    signals = Path(hub.__file__).with_name("telemetry").glob("signal*.py")
    told = set(re.findall(r'"((?:civic|kafka)_\w+)"', "".join(map(Path.read_text, signals))))
    assert named
    assert named <= told


def test_budget_only_where_one_may_go(helm: Path) -> None:
    """More than one replica has a disruption budget; a single one has none that blocks a drain."""
    assert "PodDisruptionBudget" not in template(helm)
    rendered = yaml.safe_load_all(template(helm, "--set", "relay.replicas=2"))
    (budget,) = (one for one in rendered if one and one["kind"] == "PodDisruptionBudget")
    assert budget["spec"]["maxUnavailable"] == 1
    selected = budget["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"]
    assert selected == "relay"


def test_new_settings_restart_the_pods(helm: Path) -> None:
    """The pods' checksum follows hub.toml, so a changed setting is taken up."""

    def checksums(text: str) -> set[str]:
        return set(re.findall(r"checksum/config: (\w+)", text))

    before = checksums(template(helm))
    after = checksums(template(helm, "--set", "registry.url=http://other:8081"))
    assert before
    assert not before & after


def test_image_holds_no_secret_and_pins_its_base() -> None:
    """No secret is an argument or variable of the image, every base has a version, no root."""
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    for line in lines:
        word, _, rest = line.partition(" ")
        if word in ("ARG", "ENV"):
            assert not re.search(r"(?i)secret|password|token|key|dsn", rest), line
        if word == "FROM":
            assert re.fullmatch(r"\S+:\d[\w.-]+( AS \w+)?", rest), line
        assert word != "ADD", "COPY fetches nothing from elsewhere"
    user = [line for line in lines if line.startswith("USER")][-1]
    assert re.fullmatch(r"USER [1-9]\d*:[1-9]\d*", user)


def test_nothing_local_is_sent_to_the_image_builder() -> None:
    """The ignore file leaves all out and takes in only what the Dockerfile copies."""
    rules = (DEPLOY / "Dockerfile.dockerignore").read_text().split("\n")
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    assert rules[0] == "*"
    taken = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    copied: set[str] = set()
    for line in (DEPLOY / "Dockerfile").read_text().splitlines():
        words = line.split()
        if words and words[0] == "COPY" and not words[1].startswith("--"):
            copied |= set(words[1:-1])
    assert copied == taken
