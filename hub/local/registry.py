"""Apicurio Registry on loopback, its storage in our PostgreSQL, so that schema ids stay."""

import urllib.error
import urllib.request
from pathlib import Path

from hub.local.java import launch_java
from hub.local.process import Server

HEAP = "384m"
HEALTH_TIMEOUT_S = 1


class Registry(Server):
    """A registry that speaks Confluent's protocol below /apis/ccompat/v7."""

    def __init__(
        self,
        folder: Path,
        port: int,
        management_port: int,
        program: Path,
        jdbc_url: str,
        cache: Path,
    ) -> None:
        """Nothing is started yet; `program` is unpacked, `cache` keeps what is made once."""
        super().__init__("registry", folder, port)
        self.management_port = management_port
        self._program = program
        self._jdbc_url = jdbc_url
        self._cache = cache

    @property
    def url(self) -> str:
        """The address for registry clients."""
        return f"http://127.0.0.1:{self.port}/apis/ccompat/v7"

    def launch(self) -> None:
        """Start; it is ready when its health page says so."""
        self.folder.mkdir(parents=True, exist_ok=True)
        loopback = "127.0.0.1"
        launch_java(
            self,
            self._cache,
            [self._program],
            [
                f"-Xmx{HEAP}",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                f"-Djava.io.tmpdir={self.folder}",
                "-jar",
                self._program / "quarkus-run.jar",
            ],
            ready=self._answers,
            environment={
                "QUARKUS_HTTP_HOST": loopback,
                "QUARKUS_HTTP_PORT": str(self.port),
                "QUARKUS_MANAGEMENT_HOST": loopback,
                "QUARKUS_MANAGEMENT_PORT": str(self.management_port),
                "APICURIO_STORAGE_KIND": "sql",
                "APICURIO_STORAGE_SQL_KIND": "postgresql",
                "APICURIO_DATASOURCE_URL": self._jdbc_url,
                "APICURIO_DATASOURCE_USERNAME": "postgres",
                "APICURIO_DATASOURCE_PASSWORD": "unused",
                # its own choice is 20 at once and up to 100: more than PostgreSQL here gives in all
                "APICURIO_DATASOURCE_JDBC_INITIAL_SIZE": "2",
                "APICURIO_DATASOURCE_JDBC_MIN_SIZE": "2",
                "APICURIO_DATASOURCE_JDBC_MAX_SIZE": "10",
                "QUARKUS_HTTP_ACCESS_LOG_ENABLED": "false",
            },
        )

    def _answers(self) -> bool:
        address = f"http://127.0.0.1:{self.management_port}/health/ready"
        try:
            with urllib.request.urlopen(address, timeout=HEALTH_TIMEOUT_S) as answer:
                return bool(answer.status == 200)  # noqa: PLR2004 - HTTP OK
        except (urllib.error.URLError, OSError):
            return False
