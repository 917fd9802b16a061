"""Files dropped in a place, each taken once by content, whatever order they arrive in.

The position knows every file that is there by name, size and time, and its content by a digest: a
file that comes late is taken, whatever its name; the same content under another name is counted as
unchanged; another content under the same name is a file of its own. A version comes from the date
in a file's name where there is one, so an old file that comes late does not override a newer one;
otherwise it grows with each file taken.

A file that is broken as a whole becomes one entry in quarantine with one reason, and the files
after it are read. A bad record costs that record only.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from hub import clock
from hub.connect.contract import Change, Checkpoint, Operation, Unchanged, Unreadable
from hub.connect.sources.context import context_of, refused_file
from hub.connect.sources.folder import digest_of, head_of, stamp_of
from hub.connect.sources.places import FILE_BYTES_MAX, Listed, Opened, Place
from hub.connect.sources.shapes import Shape, refuse
from hub.errors import ContractBreach, UnreadableRecord

RECORDS_BETWEEN_POSITIONS = 500
FILES_MAX = 5_000
GONE_MAX = 1_000
"""So many files that are no longer there are still known by content."""
DIGEST_CHARACTERS = 16
TICK_S = 0.5
Item = Change | Unreadable | Unchanged | Checkpoint


class _Now(NamedTuple):
    """A file being told: its name, the digest of its content, its version, records told of it."""

    name: str
    digest: str
    ordinal: int
    done: int


class _At(NamedTuple):
    """A position: digests of files taken by fingerprint, oldest first; the file being told."""

    taken: Mapping[str, str]
    ordinal: int = 0
    now: _Now | None = None

    def text(self) -> str:
        return json.dumps([self.taken, self.ordinal, self.now], separators=(",", ":"))

    def after(self, listed: Listed, digest: str) -> "_At":
        """The place after a file."""
        return self._replace(taken={**self.taken, listed.fingerprint: digest}, now=None)

    def seen(self, listed: list[Listed]) -> "_At":
        """Without what has been gone for long."""
        here = {one.fingerprint for one in listed}
        gone = [fingerprint for fingerprint in self.taken if fingerprint not in here]
        forgotten = set(gone[:-GONE_MAX] if len(gone) > GONE_MAX else ())
        return self._replace(taken={k: v for k, v in self.taken.items() if k not in forgotten})


def _at(text: str | None) -> _At:
    if text is None:
        return _At({})
    taken, ordinal, now = json.loads(text)
    return _At(taken, ordinal, None if now is None else _Now(*now))


def changes(place: Place, shape: Shape, after: str | None) -> Iterator[Item]:
    """The records of the files that are there and were not taken, file by file in name order.

    Raises SourceUnavailable where the place cannot be reached; ContractBreach E-FILES where more
    than FILES_MAX files are there.
    """
    at = _at(after)
    with place.open() as opened:
        listed = opened.listing()
        if len(listed) > FILES_MAX:
            raise ContractBreach(
                f"more than {FILES_MAX} files are there",
                code="E-FILES",
                remedy="move files that were taken to another folder",
            )
        at = at.seen(listed)
        new = [one for one in listed if one.fingerprint not in at.taken]
        if at.now is not None:  # go on with the file that was being told
            new.sort(key=lambda one: (one.name != at.now.name if at.now else False, one.name))
        for one in new:
            for item in _file(opened, shape, one, at):
                yield item
                if item.position is not None:
                    at = _at(item.position)
        if at.now is not None:
            yield _vanished(at.now)
            at = at._replace(now=None)
            yield Unchanged(0, at.text())
    until_s = clock.monotonic_s() + place.rest_s
    while (left_s := until_s - clock.monotonic_s()) > 0:
        yield Checkpoint(at.text())
        clock.sleep_s(min(left_s, TICK_S))


def _file(opened: Opened, shape: Shape, listed: Listed, at: _At) -> Iterator[Item]:
    """What one file tells, and the position after it."""
    if listed.size > FILE_BYTES_MAX:
        error = refuse(listed.name, f"has more than {FILE_BYTES_MAX} bytes")
        yield refused_file(listed.name, listed.size, b"", "", error)
        yield Unchanged(0, at.after(listed, "").text())
        return
    with opened.fetch(listed) as path:
        if path is None:
            return
        digest = digest_of(path)[:DIGEST_CHARACTERS]
        now = at.now
        if now is not None and now.digest != digest:
            yield _vanished(now)
            now = None
        if now is None:
            if digest in at.taken.values():
                yield Unchanged(1, at.after(listed, digest).text())
                return
            ordinal = at.ordinal + 1
            at = at._replace(ordinal=ordinal)
            now = _Now(listed.name, digest, stamp_of(listed.name) or ordinal, 0)
            try:
                shape.check(path, listed.name)
            except ContractBreach as error:
                yield refused_file(listed.name, listed.size, head_of(path), digest, error)
                yield Unchanged(0, at.after(listed, digest).text())
                return
        yield from _records(shape, path, now, at)
        yield Unchanged(0, at.after(listed, digest).text())


def _records(shape: Shape, path: Path, now: _Now, at: _At) -> Iterator[Change | Unreadable]:
    """The records that were not told, with a position every so often."""
    for number, piece in enumerate(shape.pieces(path, now.name), 1):
        if number <= now.done:
            continue
        position = None
        if number % RECORDS_BETWEEN_POSITIONS == 0:
            position = at._replace(now=now._replace(done=number)).text()
        context = {**piece.context, "version": now.ordinal}
        if piece.error is not None:
            yield Unreadable(piece.raw, piece.error, position, context)
        else:
            version = now.ordinal
            read = Operation.READ
            yield Change(piece.record, piece.raw, position, version, read, None, context)


def _vanished(now: _Now) -> Unreadable:
    """A file that was taken away, or written over, before all of it was told."""
    told = UnreadableRecord(
        f"file {now.name} was taken away when {now.done} records of it were told",
        code="E-GAP",
        rule="a file stays until it has been taken",
        remedy="put it there again, under any name",
    )
    return Unreadable(b"", told, None, {**context_of(now.name, "file"), "done": now.done})
