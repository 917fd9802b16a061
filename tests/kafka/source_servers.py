"""Real servers that play a department's system: started on loopback, killed and started again."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pika
import pytest
from pika.exceptions import AMQPError

from hub.local.process import Server, free_port, port_open

RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
SSHD = Path("/usr/sbin/sshd")
COUNT_TIMEOUT_S = 10


class RabbitMq(Server):
    """RabbitMQ with data, name and port mapper of its own; nothing of it listens elsewhere."""

    def __init__(self, folder: Path) -> None:
        """Skips the test where RabbitMQ is not installed."""
        if not RABBITMQ.exists():
            pytest.skip("no RabbitMQ here: apt-get install rabbitmq-server")
        super().__init__("rabbitmq", folder / "rabbitmq", free_port(None))
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/"
        self._mapper = _PortMapper(folder)

    def launch(self) -> None:
        """Start the port mapper where it does not run, and the node."""
        if not self._mapper.running:
            self._mapper.start()
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {
            "HOME": str(self.folder),
            "RUNNING_UNDER_SYSTEMD": "true",  # one process that can be killed, no shell around it
            "RABBITMQ_NODENAME": f"t{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self._mapper.node_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(self._mapper.port),
        }
        self.spawn([RABBITMQ], self._answers, environment)

    def stop(self, signal_: int = 15) -> None:
        """Stop the node and its port mapper."""
        super().stop(signal_)
        self._mapper.stop()

    def _answers(self) -> bool:
        try:
            with self.connect() as connection:
                connection.channel()
        except (AMQPError, OSError):
            return False
        return True

    def connect(self) -> pika.BlockingConnection:
        """A connection as the department makes it."""
        return pika.BlockingConnection(pika.URLParameters(self.url))

    def declare(self, queue: str) -> None:
        """A durable queue."""
        with self.connect() as connection:
            connection.channel().queue_declare(queue, durable=True)

    def publish(self, queue: str, *bodies: bytes) -> None:
        """Persistent messages, each confirmed by the server."""
        with self.connect() as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            for body in bodies:
                channel.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2))

    def waiting(self, queue: str) -> int:
        """How many messages are in the queue and with nobody."""
        with self.connect() as connection:
            found = connection.channel().queue_declare(queue, passive=True)
            return int(found.method.message_count)


class SftpServer(Server):
    """OpenSSH with keys of its own; files are below `folder / "drop"`."""

    def __init__(self, folder: Path) -> None:
        """Skips the test where OpenSSH's server is not installed."""
        if not SSHD.exists():
            pytest.skip("no OpenSSH server here: apt-get install openssh-server")
        super().__init__("sshd", folder / "sshd", free_port(None))
        self.drop = folder / "drop"
        self.drop.mkdir()
        self.folder.mkdir()
        self.key = self._make_key("user")
        self._make_key("host")

    def _make_key(self, name: str) -> str:
        path = self.folder / name
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
        subprocess.run(words, check=True, timeout=COUNT_TIMEOUT_S)
        return path.read_text()

    @property
    def host_key(self) -> str:
        """The server's public key."""
        return (self.folder / "host.pub").read_text()

    def launch(self) -> None:
        """Start it in the foreground."""
        Path("/run/sshd").mkdir(exist_ok=True)  # where it separates its rights
        config = self.folder / "config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder / 'host'}\n"
            f"AuthorizedKeysFile {self.folder / 'user.pub'}\nStrictModes no\nUsePAM no\n"
            "PasswordAuthentication no\nPermitRootLogin prohibit-password\nPidFile none\n"
            "Subsystem sftp internal-sftp\n"
        )
        self.spawn([SSHD, "-D", "-e", "-f", config], lambda: port_open(self.port))

    def kill(self) -> None:
        """End it and the processes of its connections at once."""
        found = [self.pid] if self.pid else []
        for pid in found:
            children = Path(f"/proc/{pid}/task/{pid}/children")
            found += [int(child) for child in children.read_text().split()]
        super().kill()
        for pid in found[1:]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


class RestServer(Server):
    """A department's REST server with so many records."""

    def __init__(self, folder: Path, rows: int) -> None:
        """Nothing is started yet."""
        super().__init__("rest", folder / "rest", free_port(None))
        self._rows = rows

    def launch(self) -> None:
        """Start it."""
        program = Path(__file__).with_name("rest_server.py")
        self.spawn(
            [sys.executable, program, str(self.port), str(self._rows)],
            lambda: port_open(self.port),
        )


class _PortMapper(Server):
    """Erlang's port mapper: without one of our own the node would leave one running."""

    def __init__(self, folder: Path) -> None:
        super().__init__("epmd", folder / "epmd", free_port(None))
        self.node_port = free_port(None)

    def launch(self) -> None:
        """Start it in the foreground."""
        self.spawn(
            [shutil.which("epmd") or "epmd", "-address", "127.0.0.1", "-port", str(self.port)],
            self._answers,
        )

    def _answers(self) -> bool:
        told = subprocess.run(
            ["epmd", "-port", str(self.port), "-names"],
            capture_output=True,
            check=False,
            timeout=COUNT_TIMEOUT_S,
            env={**os.environ, "ERL_EPMD_ADDRESS": "127.0.0.1"},
        )
        return told.returncode == 0
