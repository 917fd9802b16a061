"""Apache Kafka, one KRaft node on loopback."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from hub.local.downloads import LocalStackError, kept
from hub.local.java import java, launch_java, version_of
from hub.local.process import Server, port_open

HEAP = "512m"
FORMAT_TIMEOUT_S = 60
CLUSTER_ID = "Y2l2aWMtaHViLWxvY2FsLQ"
LOGGING = """\
rootLogger.level = WARN
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %m (%c)%n
"""


class Kafka(Server):
    """The broker and its controller in one process."""

    def __init__(
        self, folder: Path, port: int, controller_port: int, jars: Sequence[Path], cache: Path
    ) -> None:
        """Nothing is started yet; `jars` is the class path, `cache` keeps what is made once."""
        super().__init__("kafka", folder, port)
        self.controller_port = controller_port
        self._cache = cache
        self._jars = jars
        self._formatted = f"kafka-formatted-{version_of(jar.name for jar in jars)}"
        self._class_path = os.pathsep.join(str(jar) for jar in jars)

    def launch(self) -> None:
        """Format the data folder once, then start."""
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self.folder / "server.properties"
        properties.write_text(self._properties(self._data))
        logging = self.folder / "log4j2.properties"
        logging.write_text(LOGGING)
        if not (self._data / "meta.properties").exists():
            self._format()
        launch_java(
            self,
            self._cache,
            self._jars,
            [
                f"-Xmx{HEAP}",
                f"-Xms{HEAP}",
                # it lives for minutes: what compiling well costs, it does not get back
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",  # else its warnings fill the log's tail
                f"-Djava.io.tmpdir={self.folder}",  # where its compression unpacks itself
                f"-Dlog4j2.configurationFile={logging}",
                "-cp",
                self._class_path,
                "kafka.Kafka",
                properties,
            ],
            ready=lambda: port_open(self.port),
        )

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _format(self) -> None:
        """Copy a data folder as it is when formatted: a second Java for each would take longer."""
        formatted = kept(self._cache, self._formatted, self._made)
        beside = self.folder / "data.unfinished"
        for unfinished in (beside, self._data):
            shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(formatted, beside)
        beside.rename(self._data)

    def _made(self, folder: Path) -> None:
        properties = self.folder / "format.properties"
        properties.write_text(self._properties(folder))
        self._run("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(properties))
        properties.unlink()

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

    def _properties(self, data: Path) -> str:
        listeners = f"PLAINTEXT://127.0.0.1:{self.port}"
        table = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"{listeners},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": listeners,
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": str(data),
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            # after kill -9 the controller lets the broker in again when its old session has ended
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
            "group.initial.rebalance.delay.ms": "0",
            "group.min.session.timeout.ms": "1000",
            "log.segment.bytes": str(64 * 1024 * 1024),
            "log.cleaner.dedupe.buffer.size": str(32 * 1024 * 1024),
            "num.network.threads": "2",
            "num.io.threads": "4",
        }
        return "".join(f"{key}={value}\n" for key, value in table.items())
