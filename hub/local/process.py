"""A server process of ours: started with a log file, waited for, stopped, and never left over."""

import ctypes
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hub import clock
from hub.local.downloads import LocalStackError

START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 8.0
POLL_S = 0.05
LOG_TAIL_LINES = 15
_PR_SET_PDEATHSIG = 1


class Server:
    """One server process. The same port and data are used again at each start."""

    def __init__(self, name: str, folder: Path, port: int) -> None:
        """`folder` holds its data and log; nothing is started yet."""
        self.name = name
        self.folder = folder
        self.port = port
        self.log = folder.parent / "logs" / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._ready: Callable[[], bool] = lambda: True

    def launch(self) -> None:
        """Start the process without waiting; each server says how."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the process and wait until it answers."""
        self.launch()
        self.wait()

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self.running else None

    def spawn(
        self,
        command: Sequence[str | Path],
        ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        """Start the process; `ready` says when it answers.

        The kernel ends it when the *thread* that called this is gone, so call from one that stays.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - programs we chose ourselves
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                user=user,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no threads are started before
            )
        self._ready = ready

    def wait(self) -> None:
        """Wait until it answers; LocalStackError with the log's end if it dies or is too slow."""
        deadline = clock.monotonic_s() + START_TIMEOUT_S
        while not self._ready():
            if not self.running:
                raise LocalStackError(
                    f"{self.name} ended while starting:\n{self.log_tail()}",
                    remedy=f"the whole log is {self.log}",
                )
            if clock.monotonic_s() > deadline:
                self.kill()
                raise LocalStackError(
                    f"{self.name} is not ready after {START_TIMEOUT_S:.0f} s:\n{self.log_tail()}",
                    remedy=f"the whole log is {self.log}; is the machine very busy?",
                )
            clock.sleep_s(POLL_S)

    def interrupt(self) -> None:
        """Ask the process to stop, without waiting."""
        if self._process is not None and self.running:
            self._process.terminate()

    def stop(self, signal_: int = signal.SIGTERM) -> None:
        """Ask the process to stop; kill it after STOP_TIMEOUT_S."""
        if self._process is None or not self.running:
            return
        self._process.send_signal(signal_)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process at once (SIGKILL), as a fault test or a power cut does."""
        if self._process is not None and self.running:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)

    def log_tail(self) -> str:
        """The last lines of the log."""
        if not self.log.exists():
            return "(no log)"
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])


def _die_with_parent() -> None:
    """Have the kernel end this process when the one that started it is gone (Linux)."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    except (OSError, AttributeError):  # another system: the stale process is found at next start
        return


def port_open(port: int) -> bool:
    """Whether something answers on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port(wanted: int | None) -> int:
    """The wanted loopback port if it is free, else any free one."""
    for port in (wanted, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise LocalStackError("no free port on loopback", remedy="stop some programs")
