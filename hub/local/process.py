"""A server process of ours: started with a log file, waited for, stopped, and never left over.

Two things keep processes from being left over on Linux. The kernel ends a server when the thread
that started it is gone. And a note beside the logs says which process was started by whom; the next
start ends that process if it still runs and its starter does not. A process is ended only if its
command line and start time are those noted, so a number used again harms nobody. On macOS neither
can be known: there the server's own lock on its data refuses the second start.
"""

import ctypes
import json
import os
import random
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hub import clock
from hub.local.downloads import LocalStackError

START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 8.0
POLL_S = 0.05
LOG_TAIL_LINES = 15
PROC = Path("/proc")
LISTENING = "0A"
SERVERS_FROM = 10_240
OUTGOING_FROM = 32_768  # Linux's own; other systems begin later
PORT_TRIES = 200
RELEASE_TIMEOUT_S = 3.0  # a killed server is a zombie before its last thread lets go of its ports
_CHANCE = random.SystemRandom()  # two test runs at once must not draw the same ports
_CLAIMS: dict[int, socket.socket] = {}
"""The ports this process has given out, each with the socket that tells other processes so."""
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if os.name == "posix" else None  # loaded before any fork


class Server:
    """One server process. The same port and data are used again at each start."""

    def __init__(self, name: str, folder: Path, port: int) -> None:
        """`folder` holds its data and log; nothing is started yet."""
        self.name = name
        self.folder = folder
        self.port = port
        self.log = folder.parent / "logs" / f"{name}.log"
        self.note = folder.parent / "pids" / f"{name}.json"
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
        folder: Path | None = None,
    ) -> None:
        """Start the process in `folder`; `ready` says when it answers.

        The kernel ends it when the *thread* that called this is gone, so call from one that stays.
        """
        end_leftover(self.note)
        words = [str(part) for part in command]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - programs we chose ourselves
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                **rights_of(user),
                cwd=folder,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - calls one C function only
            )
        _write_note(self.note, self._process.pid, words)
        self._ready = ready

    def wait(self) -> None:
        """Wait until it answers; LocalStackError with the log's end if it dies or is too slow."""
        deadline = clock.monotonic_s() + START_TIMEOUT_S
        while not self._ready():
            if not self.running:
                raise self._ended()
            if clock.monotonic_s() > deadline:
                self.kill()
                raise LocalStackError(
                    f"{self.name} is not ready after {START_TIMEOUT_S:.0f} s:\n{self.log_tail()}",
                    remedy=f"the whole log is {self.log}; is the machine very busy?",
                )
            clock.sleep_s(POLL_S)

    def _ended(self) -> LocalStackError:
        """Why it ended while starting, as far as can be known."""
        self.note.unlink(missing_ok=True)
        if port_open(self.port):
            return LocalStackError(
                f"{self.name} cannot start: port {self.port} is taken by {port_holder(self.port)}",
                remedy="end that program, or stop and start all servers: they then take free ports",
            )
        return LocalStackError(
            f"{self.name} ended while starting:\n{self.log_tail()}",
            remedy=f"the whole log is {self.log}",
        )

    def interrupt(self) -> None:
        """Ask the process to stop, without waiting."""
        if self._process is not None and self.running:
            self._process.terminate()

    def stop(self, signal_: int = signal.SIGTERM) -> None:
        """Ask the process to stop; kill it after STOP_TIMEOUT_S."""
        if self._process is not None and self.running:
            self._process.send_signal(signal_)
        self.finish(clock.monotonic_s() + STOP_TIMEOUT_S)

    def finish(self, deadline_s: float) -> None:
        """Wait for a process asked to stop; kill it at the deadline, a moment of the clock."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline_s - clock.monotonic_s()))
        except subprocess.TimeoutExpired:
            self.kill()
        self.note.unlink(missing_ok=True)

    def kill(self) -> None:
        """End the process at once (SIGKILL), as a fault test or a power cut does."""
        if self._process is not None and self.running:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
        self.note.unlink(missing_ok=True)

    def log_tail(self) -> str:
        """The last lines of the log."""
        if not self.log.exists():
            return "(no log)"
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])


def rights_of(user: str | None) -> dict[str, Any]:
    """What makes a process another user's in full: `user` alone would leave it root's groups."""
    if user is None:
        return {}
    import pwd  # noqa: PLC0415 - not on every system

    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _die_with(parent: int) -> Callable[[], None]:
    """What a new process does first: have the kernel end it when its parent is gone (Linux)."""
    prctl = getattr(_LIBC, "prctl", None)

    def first() -> None:
        if prctl is not None:  # on another system the next start finds the note
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it went before the kernel knew
                os._exit(1)

    return first


def _facts(pid: int) -> list[str]:
    """What the kernel says of a process after its name, state first; empty if it is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _started(pid: int) -> str | None:
    """When a process started, in the kernel's ticks; None if there is none or no /proc."""
    facts = _facts(pid)
    return facts[19] if facts else None


def is_zombie(pid: int) -> bool:
    """Whether a process has ended and waits to be collected by its parent."""
    return _facts(pid)[:1] == ["Z"]


def works_in(folder: Path) -> bool:
    """Whether a live process that this user may see has the folder as its own."""
    for link in PROC.glob("[0-9]*/cwd"):
        try:
            if link.readlink() == folder:
                return True
        except OSError:  # gone meanwhile, or another user's
            continue
    return False


def _command(pid: int) -> list[str]:
    """The command line of a process; empty if it is gone."""
    try:
        return (PROC / str(pid) / "cmdline").read_text(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def _write_note(note: Path, pid: int, command: list[str]) -> None:
    note.parent.mkdir(parents=True, exist_ok=True)
    owner = os.getpid()
    table = {
        "pid": pid,
        "started": _started(pid),
        "command": command,
        "owner": owner,
        "owner_started": _started(owner),
    }
    note.write_text(json.dumps(table))


def leftover(note: Path) -> int | None:
    """The process a note tells of, if it is still that one and whoever started it is gone."""
    try:
        table: dict[str, Any] = json.loads(note.read_text())
        pid, owner = int(table["pid"]), int(table["owner"])
        same = table["started"] is not None and _started(pid) == table["started"]
        owned = _started(owner) == table["owner_started"]
        return pid if same and not owned and _command(pid) == table["command"] else None
    except (OSError, ValueError, KeyError, TypeError):  # no note, or half of one
        return None


def end_leftover(note: Path) -> None:
    """End the process of an earlier, killed owner; LocalStackError if it will not go."""
    deadline = clock.monotonic_s() + STOP_TIMEOUT_S
    pid = leftover(note)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    while (pid := leftover(note)) is not None:
        late_s = clock.monotonic_s() - deadline
        if late_s > STOP_TIMEOUT_S:
            raise LocalStackError(
                f"process {pid} of an earlier run does not end", remedy=f"end it: kill -9 {pid}"
            )
        if late_s > 0:
            os.kill(pid, signal.SIGKILL)
        clock.sleep_s(POLL_S)
    note.unlink(missing_ok=True)


def port_open(port: int) -> bool:
    """Whether something answers on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def port_holder(port: int) -> str:
    """Who listens on a loopback port, as far as this user may know."""
    sockets = set()
    try:
        for line in (PROC / "net" / "tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                sockets.add(f"socket:[{fields[9]}]")
    except OSError:
        return "another program"
    for link in PROC.glob("[0-9]*/fd/*"):
        try:
            if sockets and str(link.readlink()) in sockets:
                pid = int(link.parts[2])
                return f"process {pid} ({' '.join(_command(pid))[:80]})"
        except OSError:
            continue
    return "another program"


def free_port(wanted: int | None) -> int:
    """The wanted loopback port once it is free, else any free one below the kernel's own range.

    The wanted one is waited for RELEASE_TIMEOUT_S: of a server that was killed the last threads may
    still hold it when its process already counts as ended.

    A port of the range from which the kernel serves outgoing connections may be taken by any client
    between this answer and the server's start, and again while a killed server is away. So that no
    other run of ours takes it then either, this process claims the port as long as it lives.
    """
    end_s = clock.monotonic_s() + RELEASE_TIMEOUT_S
    while wanted is not None and clock.monotonic_s() < end_s:
        if _claimed(wanted):
            return wanted
        clock.sleep_s(POLL_S)
    for _ in range(PORT_TRIES):
        port = _CHANCE.randrange(SERVERS_FROM, _outgoing_from())
        if port not in _CLAIMS and _claimed(port):
            return port
    raise LocalStackError("no free port on loopback", remedy="stop some programs")


def _claimed(port: int) -> bool:
    """Whether a server of this process could listen on a loopback port, which is its own then.

    The claim is the UDP port of the same number: none of the servers uses it, one process alone can
    hold it, and the kernel lets go of it with the process.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    if port in _CLAIMS:
        return True
    claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        claim.bind(("127.0.0.1", port))
    except OSError:
        claim.close()
        return False
    _CLAIMS[port] = claim
    return True


def _outgoing_from() -> int:
    """The first port that the kernel may give to an outgoing connection."""
    try:
        first = int((PROC / "sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return OUTGOING_FROM
    safe = first > 2 * SERVERS_FROM  # set lower than that, no range is safe
    return first if safe else OUTGOING_FROM
