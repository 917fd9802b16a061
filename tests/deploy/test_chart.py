"""The chart: linted, rendered, and every manifest checked against Kubernetes' own schemas."""

import dataclasses
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.identity.models import read_model, told_model
from hub.processor.memory import KINDS
from hub.processor.run import policy_of
from hub.settings import HubSettings, hub_settings

pytestmark = pytest.mark.timeout(600)
CHART = Path(__file__).parents[2] / "deploy" / "helm" / "civic-hub"
VALIDATE = Path(sys.executable).with_name("kubernetes-validate")
KUBERNETES = "1.33.0"
CUSTOM = ("PodMonitor", "PrometheusRule")
WORKLOADS = ("Deployment", "StatefulSet")
FILES = ("scope_file", "authority_file", "_model_file")
"""How the settings end that name a file about identity and views."""
EVERYTHING = """
networkPolicy: {enabled: true}
podMonitor: {enabled: true}
prometheusRule: {enabled: true}
control: {enabled: true, replicas: 2}
processor: {replicas: 3, runner: batch, state: {size: 20Gi, storageClass: fast}}
identity:
  approvers: 2
  scope: {groups: [[Licensing Office, 'The "Grants" Office']], apart: [[Grants, Contact]]}
  authority: {legal_name: [Licensing Office, Grants]}
imagePullSecrets: [{name: pull}]
secrets: {kafka: kafka}
connectorsFolder: {configMap: {name: own-connectors}}
kafka:
  settings: {security.protocol: SASL_SSL, sasl.password.file: /run/secrets/kafka/password}
connectors:
  licensing:
    settings: {folder: /data/licensing, shrink_share_max: 0.4}
    volumes: [{name: data, persistentVolumeClaim: {claimName: licensing}}]
    volumeMounts: [{name: data, mountPath: /data}]
  grants_applications:
    replicas: 0
    kafkaSecret: kafka-grants
    secretFiles: {dsn: {secret: grants, key: dsn}}
  messaging_notifications:
    receive: true
    replicas: 2
    secretFiles: {token: {secret: notify, key: token}}
"""


@pytest.fixture
def values(tmp_path: Path) -> Path:
    """Values with every switch on and one connector of each way."""
    path = tmp_path / "values.yaml"
    path.write_text(EVERYTHING)
    return path


def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end."""
    return subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)


def render(helm: Path, *options: str | Path) -> list[dict[str, Any]]:
    """The manifests of the chart."""
    done = run(helm, "template", "hub", CHART, "--kube-version", KUBERNETES, *options)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def containers(manifests: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every container of every workload."""
    for one in manifests:
        spec = one["spec"]["template"]["spec"] if one["kind"] in (*WORKLOADS, "Job") else {}
        spec = one["spec"] if one["kind"] == "Pod" else spec
        yield from [*spec.get("initContainers", []), *spec.get("containers", [])]


def workloads(manifests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The deployments and stateful sets by component."""
    label = "app.kubernetes.io/component"
    return {one["metadata"]["labels"][label]: one for one in manifests if one["kind"] in WORKLOADS}


def test_lint_finds_nothing(helm: Path, values: Path) -> None:
    """`helm lint --strict` passes with the default values and with everything switched on."""
    assert run(helm, "lint", "--strict", CHART).returncode == 0
    done = run(helm, "lint", "--strict", CHART, "-f", values)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("full", [False, True])
def test_kubernetes_takes_every_manifest(
    helm: Path, values: Path, tmp_path: Path, full: bool
) -> None:
    """Every manifest has the fields and types that Kubernetes knows, and no others."""
    manifests = render(helm, *(("-f", values) if full else ()))
    path = tmp_path / "out.yaml"
    path.write_text(yaml.safe_dump_all(one for one in manifests if one["kind"] not in CUSTOM))
    done = run(VALIDATE, "--strict", path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        "processor.replicas=many",
        "processor.runner=storm",
        "processor.state.size=many",
        "identity.approvers=0",
        "identity.authority.colour[0]=x",
        "identity.scope.groups[0][0]=alone",
        "identity.personModel=3",
        "unknown=1",
        "secrets.postgres=",
        "registry.url=registry",
        "connectors.Licensing.replicas=1",
        "connectorsFolder=connectors",
        "connectorsFolder.configMap=connectors",
        "connectorsFolder.nfs.path=x,connectorsFolder.configMap.name=x",
        "connectors.licensing.password=x",
        "connectors.licensing_.replicas=1",
        "connectors.licensing.settings.a b=1",
        "connectors.licensing.secretFiles.identity.secret=x,connectors.licensing.secretFiles.identity.key=x",
        r"kafka.settings.sasl\.password=x,processor.runner=batch",
        r"kafka.settings.security\.protocol=SSL",
    ],
)
def test_wrong_values_are_refused(helm: Path, wrong: str) -> None:
    """values.schema.json refuses what would only fail in the cluster."""
    done = run(helm, "template", "hub", CHART, "--kube-version", KUBERNETES, "--set", wrong)
    assert done.returncode != 0
    assert "schema" in done.stderr


def test_one_workload_for_each_role_and_connector(helm: Path, values: Path) -> None:
    """Processor, relay and each connector run their part."""
    found = workloads(render(helm, "-f", values))
    assert {
        name: one["spec"]["template"]["spec"]["containers"][0]["args"]
        for name, one in found.items()
    } == {
        "processor": ["run", "processor"],
        "relay": ["run", "relay"],
        "control": ["run", "control"],
        "connector-licensing": ["run", "connector", "licensing"],
        "connector-grants-applications": ["run", "connector", "grants_applications"],
        "connector-messaging-notifications": ["run", "connector", "messaging_notifications"],
    }


def test_connectors_never_get_the_store(helm: Path, values: Path) -> None:
    """Only processor and relay mount PostgreSQL's secret."""
    for name, one in workloads(render(helm, "-f", values)).items():
        volumes = {volume["name"] for volume in one["spec"]["template"]["spec"]["volumes"]}
        assert ("postgres" in volumes) == (name in ("processor", "relay")), name


def test_control_gets_its_token_and_no_other_secret(helm: Path, values: Path) -> None:
    """Its settings name the token's file; neither the store nor the identity key is mounted."""
    manifests = render(helm, "-f", values)
    pod = workloads(manifests)["control"]["spec"]["template"]["spec"]
    names = {volume["name"] for volume in pod["volumes"] if "secret" in volume}
    assert names == {"control", "kafka"}
    found = settings_of(manifests, "control")
    mounts = [one["mountPath"] for one in pod["containers"][0]["volumeMounts"]]
    assert str(found.control_token_file.parent) in mounts
    port = {one["name"]: one["containerPort"] for one in pod["containers"][0]["ports"]}["control"]
    assert (found.control_host, found.control_port) == ("0.0.0.0", port)  # noqa: S104 - in a pod
    (service,) = (
        one
        for one in manifests
        if one["metadata"]["name"] == "hub-civic-hub-control" and one["kind"] == "Service"
    )
    label = "app.kubernetes.io/component"
    assert service["spec"]["selector"][label] == "control"
    assert service["spec"]["ports"][0]["targetPort"] == "control"
    assert "control" not in workloads(render(helm))


def pods(manifests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The pod of every workload by the workload's name."""
    found = {}
    for one in manifests:
        if one["kind"] in (*WORKLOADS, "Job"):
            found[one["metadata"]["name"]] = one["spec"]["template"]["spec"]
        elif one["kind"] == "Pod":
            found[one["metadata"]["name"]] = one["spec"]
    return found


def test_every_pod_reaches_a_kafka_with_authentication(helm: Path, values: Path) -> None:
    """Each container has the files that kafka.settings names; a connector may have its own."""
    found = pods(render(helm, "-f", values))
    assert len(found) == 8
    for name, pod in found.items():
        secret = {one["name"]: one.get("secret", {}) for one in pod["volumes"]}["kafka"]
        wanted = "kafka-grants" if name.endswith("grants-applications") else "kafka"
        assert secret["secretName"] == wanted, name
        for one in [*pod.get("initContainers", []), *pod["containers"]]:
            paths = [mount["mountPath"] for mount in one["volumeMounts"]]
            assert paths.count("/run/secrets/kafka") == 1, name
            assert len(paths) == len(set(paths)), name


def test_connectors_of_ones_own_are_mounted_where_the_settings_say(
    helm: Path, values: Path
) -> None:
    """Every pod knows their names: each has a topic of its own, and control lists them."""
    manifests = render(helm, "-f", values)
    for one in manifests:
        if one["kind"] == "ConfigMap":
            text = one["data"]["hub.toml"]
            settings = hub_settings(tomllib.loads(text), Path("/etc/civic-hub/hub.toml"))
            assert settings.connectors_folder == Path("/etc/civic-hub-connectors")
    found = pods(manifests)
    assert len(found) == 8
    for name, pod in found.items():
        assert {"name": "connectors", "configMap": {"name": "own-connectors"}} in pod["volumes"], (
            name
        )
        for one in [*pod.get("initContainers", []), *pod["containers"]]:
            mount = {
                "name": "connectors",
                "mountPath": "/etc/civic-hub-connectors",
                "readOnly": True,
            }
            assert mount in one["volumeMounts"], name
    for one in render(helm):
        assert "connectors_folder" not in one.get("data", {}).get("hub.toml", "")
    for name, pod in pods(render(helm)).items():
        assert "connectors" not in {volume["name"] for volume in pod["volumes"]}, name


def test_every_pod_can_pull_the_image(helm: Path, values: Path) -> None:
    """The pull secret and the pull policy hold for hooks and tests too."""
    for name, pod in pods(render(helm, "-f", values, "--set", "image.pullPolicy=Always")).items():
        assert pod["imagePullSecrets"] == [{"name": "pull"}], name
        for one in [*pod.get("initContainers", []), *pod["containers"]]:
            assert one["imagePullPolicy"] == "Always", name


def test_a_connector_can_be_put_to_rest_and_replaced(helm: Path, values: Path) -> None:
    """No replicas means none; the old worker lets the lease go before the new one must have it."""
    manifests = render(helm, "-f", values)
    found = workloads(manifests)
    assert found["connector-grants-applications"]["spec"]["replicas"] == 0
    assert found["connector-licensing"]["spec"]["replicas"] == 1
    for name, one in found.items():
        recreated = one["spec"].get("strategy") == {"type": "Recreate"}
        assert recreated == name.startswith("connector-"), name
    budgets = [one for one in manifests if one["kind"] == "PodDisruptionBudget"]
    names = ["hub-civic-hub-control", "hub-civic-hub-processor"]
    assert sorted(one["metadata"]["name"] for one in budgets) == names


def test_a_processor_keeps_what_it_remembers(helm: Path, values: Path) -> None:
    """Each has a claim of its own, all start at once, one has the work; without a size none has."""
    processor = workloads(render(helm, "-f", values))["processor"]
    assert processor["kind"] == "StatefulSet"
    assert processor["spec"]["podManagementPolicy"] == "Parallel"
    (claim,) = processor["spec"]["volumeClaimTemplates"]
    pod = processor["spec"]["template"]["spec"]
    mounts = {one["name"]: one["mountPath"] for one in pod["containers"][0]["volumeMounts"]}
    found = settings_of(render(helm, "-f", values), "processor")
    assert mounts[claim["metadata"]["name"]] == str(found.state_dir)
    assert claim["spec"]["storageClassName"] == "fast"
    assert claim["spec"]["resources"]["requests"]["storage"] == "20Gi"
    names = [one["name"] for one in pod["volumes"]]
    assert claim["metadata"]["name"] not in names
    (service,) = (
        one
        for one in render(helm)
        if one["kind"] == "Service" and one["metadata"]["name"] == processor["spec"]["serviceName"]
    )
    assert service["spec"]["clusterIP"] == "None"
    processor = workloads(render(helm, "--set", "processor.state.size="))["processor"]
    assert "volumeClaimTemplates" not in processor["spec"]
    volumes = {one["name"]: one for one in processor["spec"]["template"]["spec"]["volumes"]}
    assert volumes["state"] == {"name": "state", "emptyDir": {}}


def test_what_is_settled_about_identity_reaches_the_processor(
    helm: Path, values: Path, tmp_path: Path
) -> None:
    """What the hub's own readers take; where nothing is said it is its own."""
    models = {}
    for name, kind in KINDS.items():
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({**told_model(kind), "margin_bits": 4.0}, indent=1))
        models[name] = file
    files = (f"identity.{name}Model={file}" for name, file in models.items())
    manifests = render(helm, "-f", values, *(part for one in files for part in ("--set-file", one)))
    (data,) = (
        one["data"]
        for one in manifests
        if one["kind"] == "ConfigMap" and one["metadata"]["name"].endswith("-processor")
    )
    for name, text in data.items():
        (tmp_path / name).write_text(text)
    found = settings_of(manifests, "processor")
    mounted = Path("/etc/civic-hub")
    named = {name: value for name, value in vars(found).items() if name.endswith(FILES)}
    assert {value.parent for value in named.values()} == {mounted}
    policy = policy_of(
        dataclasses.replace(found, **{one: tmp_path / path.name for one, path in named.items()})
    )
    assert policy.models == {name: read_model(file, KINDS[name]) for name, file in models.items()}
    assert policy.approvers == 2
    assert policy.scope.may_link("Licensing Office", 'The "Grants" Office')
    assert not policy.scope.may_link("Licensing Office", "Contact")
    assert policy.authority.rank("legal_name", "Grants") == 1
    assert settings_of(manifests, "relay").approvers == 1
    by_default = settings_of(render(helm), "processor")
    assert by_default.approvers == 1
    assert {getattr(by_default, name) for name in named} == {None}


def settings_of(manifests: list[dict[str, Any]], component: str) -> HubSettings:
    """The settings of a workload as the hub reads them."""
    (text,) = (
        one["data"]["hub.toml"]
        for one in manifests
        if one["kind"] == "ConfigMap" and one["metadata"]["name"].endswith(f"-{component}")
    )
    return hub_settings(tomllib.loads(text), Path("/etc/civic-hub/hub.toml"))


def test_processes_may_write_where_they_stand(helm: Path, values: Path) -> None:
    """Faust makes its folder in the working directory: that one is not read-only."""
    for name, one in workloads(render(helm, "-f", values)).items():
        hub = one["spec"]["template"]["spec"]["containers"][0]
        writable = [
            mount["mountPath"] for mount in hub["volumeMounts"] if not mount.get("readOnly")
        ]
        assert hub["workingDir"] in writable, name


def test_names_stay_short_enough_for_a_service(helm: Path) -> None:
    """A long release and connector name still give a service name of at most 63 characters."""
    name = "a" * 40
    options = ("--name-template", "r" * 53, "--set", f"connectors.{name}.receive=true")
    done = run(helm, "template", CHART, "--kube-version", KUBERNETES, *options)
    assert done.returncode == 0, done.stderr
    services = [one for one in yaml.safe_load_all(done.stdout) if one["kind"] == "Service"]
    assert len(services) == 2
    assert all(len(one["metadata"]["name"]) <= 63 for one in services)


def test_every_container_is_confined_and_probed(helm: Path, values: Path) -> None:
    """No root, no writable root file system, no capabilities; probes on real health."""
    manifests = render(helm, "-f", values)
    for one in containers(manifests):
        security = one["securityContext"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert one["resources"]["limits"]["memory"]
    for one in workloads(manifests).values():
        pod = one["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        hub = pod["containers"][0]
        assert hub["livenessProbe"]["httpGet"]["path"] == "/healthz"
        assert hub["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_rendered_settings_are_what_the_hub_reads(helm: Path, values: Path) -> None:
    """Every hub.toml in the chart parses by the hub's own code; no secret stands in it."""
    maps = [one for one in render(helm, "-f", values) if one["kind"] == "ConfigMap"]
    assert len(maps) == 7
    for one in maps:
        text = one["data"]["hub.toml"]
        settings = hub_settings(tomllib.loads(text), Path("/etc/civic-hub/hub.toml"))
        assert settings.runner == "batch"
        assert settings.metrics_host == "0.0.0.0"  # noqa: S104 - inside a pod
        assert "sasl.password =" not in text
    (licensing,) = (one for one in maps if one["metadata"]["name"].endswith("licensing"))
    table = tomllib.loads(licensing["data"]["hub.toml"])["connectors"]["licensing"]
    assert table == {"folder": "/data/licensing", "shrink_share_max": 0.4}


def test_a_connector_that_is_pushed_to_has_a_service(helm: Path, values: Path) -> None:
    """Webhooks reach the intake port through a service; others have none."""
    manifests = render(helm, "-f", values, "--set", "control.enabled=false")
    (service,) = (
        one for one in manifests if one["kind"] == "Service" and "clusterIP" not in one["spec"]
    )
    assert service["spec"]["ports"] == [{"name": "intake", "port": 80, "targetPort": "intake"}]
    selector = service["spec"]["selector"]["app.kubernetes.io/component"]
    assert selector == "connector-messaging-notifications"


def test_the_image_needs_no_root_and_no_network_surprises() -> None:
    """The Dockerfile pins its base by name, checks hashes and runs as a user."""
    text = (CHART.parents[1] / "Dockerfile").read_text()
    assert ":latest" not in text
    assert "--require-hashes" in text
    assert text.rindex("USER 10001") > text.rindex("FROM")
