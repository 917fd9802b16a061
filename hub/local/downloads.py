"""The jars of Kafka and the registry: pinned by coordinate and SHA-256, fetched once into a cache.

`artifacts.lock` holds a JSON list for each part. `python -m hub.local.downloads --relock` makes it
anew from the versions named here. jgo knows where artifacts come from; nothing here names a host.
"""

import hashlib
import json
import os
import shutil
import sys
import tarfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from hub.errors import HubError

LOCK = Path(__file__).with_name("artifacts.lock")
CACHE_VARIABLE = "CIVIC_HUB_CACHE"
KAFKA = "org.apache.kafka:kafka_2.13:4.4.0"
REGISTRY = "io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all"
FIRST_RUN_BYTES_FREE = 2_000_000_000
DOWNLOAD_TIMEOUT_S = 120
DOWNLOAD_TRIES = 3
DOWNLOADS_AT_ONCE = 8
Progress = Callable[[str], None]


class LocalStackError(HubError):
    """A local server cannot be had or started; the remedy says what to do."""

    code = "E-LOCAL"


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
    """The unpacked registry. Unpacked beside and then renamed, so it is whole or not there."""
    (archive,) = _fetch_all("registry", cache, progress)
    folder = cache / archive.name.removesuffix(".tar.gz")
    if not folder.exists():
        progress("unpacking the schema registry")
        partial = folder.with_name(folder.name + f".part{os.getpid()}")
        shutil.rmtree(partial, ignore_errors=True)
        with tarfile.open(archive) as tar:
            tar.extractall(partial, filter="data")
        try:
            partial.rename(folder)
        except OSError:  # another process was first
            shutil.rmtree(partial)
    return folder


def _fetch_all(part: str, cache: Path, progress: Progress) -> list[Path]:
    artifacts = locked()[part]
    store = cache / "maven"
    missing = [artifact for artifact in artifacts if not _known(store, artifact)]
    if missing:
        _check_disk(cache)
        progress(f"downloading {part}: {len(missing)} files, once, into the cache")
        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
            for number, _ in enumerate(pool.map(lambda one: _fetch(store, one), missing), 1):
                if number % 10 == 0 or number == len(missing):
                    progress(f"downloading {part}: {number} of {len(missing)}")
    return [_path(store, artifact.coordinate) for artifact in artifacts]


def locked() -> dict[str, list[Artifact]]:
    """The artifacts of each part, as the lock pins them."""
    table = json.loads(LOCK.read_text())
    return {part: [Artifact(*entry) for entry in entries] for part, entries in table.items()}


def _known(store: Path, artifact: Artifact) -> bool:
    """Whether the file is there and was checked: its digest is written beside it afterwards."""
    path = _path(store, artifact.coordinate)
    mark = path.with_name(path.name + ".checked")
    return path.exists() and mark.exists() and mark.read_text() == artifact.sha256


def _fetch(store: Path, artifact: Artifact) -> None:
    path = _path(store, artifact.coordinate)
    for attempt in range(DOWNLOAD_TRIES):
        try:
            _component(store, artifact.coordinate).resolve()
            break
        except Exception as error:  # jgo and its HTTP library have no root of their own
            if attempt == DOWNLOAD_TRIES - 1:
                raise LocalStackError(
                    f"{artifact.coordinate} cannot be downloaded ({type(error).__name__})",
                    remedy="check the network or proxy, and run again: what is there is kept; "
                    f"or bring a filled cache folder and name it in {CACHE_VARIABLE}",
                ) from error
    found = sha256_of(path)
    if found != artifact.sha256:
        path.unlink()
        raise LocalStackError(
            f"{artifact.coordinate} has not the pinned content (SHA-256 {found})",
            remedy="it was removed; run again, and if it stays so, do not trust the source",
        )
    path.with_name(path.name + ".checked").write_text(found)


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


def _component(store: Path, coordinate: str) -> Any:
    from jgo.maven import MavenContext  # noqa: PLC0415 - only needed for a download

    group, name, version, packaging, classifier = _parts(coordinate)
    context = MavenContext(repo_cache=store, timeout=DOWNLOAD_TIMEOUT_S)
    component = context.project(group, name).at_version(version)
    return component.artifact(classifier, packaging)


def _check_disk(cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(cache).free
    if free < FIRST_RUN_BYTES_FREE:
        raise LocalStackError(
            f"only {free // 1_000_000} MB are free for the download cache",
            remedy=f"free {FIRST_RUN_BYTES_FREE // 1_000_000} MB, or name a folder on another "
            f"disk in {CACHE_VARIABLE}",
        )


def relock(store: Path) -> None:
    """Resolve the versions named above and write the lock with the digests found."""
    from jgo.maven import MavenContext  # noqa: PLC0415 - only needed here

    context = MavenContext(repo_cache=store, timeout=DOWNLOAD_TIMEOUT_S)
    _, dependencies = context.resolver.resolve([context.create_dependency(KAFKA)])
    coordinates = [
        f"{d.groupId}:{d.artifactId}:{d.version}"
        for d in dependencies
        if d.type == "jar" and d.scope in (None, "compile", "runtime")
    ]
    table = {
        "kafka": _digests(store, sorted({KAFKA, *coordinates})),
        "registry": _digests(store, [REGISTRY]),
    }
    LOCK.write_text(json.dumps(table, indent=1) + "\n")


def _digests(store: Path, coordinates: Iterable[str]) -> list[list[str]]:
    found = []
    for coordinate in coordinates:
        _component(store, coordinate).resolve()
        found.append([coordinate, sha256_of(_path(store, coordinate))])
    return found


if __name__ == "__main__" and "--relock" in sys.argv:
    relock(cache_folder() / "maven")
