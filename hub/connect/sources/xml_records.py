"""XML documents read record by record, each with its exact bytes; no document type, ever.

A record is an element of a given name. As a field map: a child with text alone is text, one with
children is a map, several of one name are a list; attributes are `@name`, text beside children is
`#text`. Names are without their name space. Memory does not grow with the document.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from hub.connect.contract import Record
from hub.connect.sources.context import context_of
from hub.connect.sources.encodings import ENCODINGS, UTF_8
from hub.connect.sources.shapes import LINE_BYTES_MAX, Piece, refuse
from hub.errors import UnreadableRecord

BLOCK_BYTES = 65_536
DEPTH_MAX = 64
RECORD_BYTES_MAX = LINE_BYTES_MAX
TOKEN_BYTES_MAX = 4 * RECORD_BYTES_MAX
"""A tag or piece of text that long has no end: the parser would look for it ever anew."""
HEAD_BYTES = 200
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")
_ENCODINGS = (*ENCODINGS, "us-ascii", "ascii")
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


class Xml(NamedTuple):
    """A document whose elements of the name `record`, at any depth, are the records."""

    record: str

    def check(self, path: Path, name: str) -> None:
        """Refuse what is not well formed, not in its encoding, or has a document type."""
        for _ in self._read(path, name):
            pass

    def pieces(self, path: Path, name: str) -> Iterator[Piece]:
        """The records."""
        yield from self._read(path, name)

    def _read(self, path: Path, name: str) -> Iterator[Piece]:
        try:
            with path.open("rb") as file:
                encoding = _encoding(file.read(HEAD_BYTES), name)
                file.seek(0)
                told = {} if encoding == UTF_8 else {"encoding": encoding}
                reader = _Reader(self.record, {**context_of(name, "xml"), **told})
                while block := file.read(BLOCK_BYTES):
                    yield from reader.feed(block)
                reader.close()
        except (ParseError, DefusedXmlException, _TooMuch) as error:
            what = str(error) if isinstance(error, _TooMuch) else "is no well-formed XML document"
            if isinstance(error, DefusedXmlException):
                what = "has a document type or entities, which are forbidden"
            raise refuse(name, what) from None


class _TooMuch(Exception):
    """A document beyond a limit."""


def _encoding(head: bytes, name: str) -> str:
    found = _ENCODING.match(head.removeprefix(b"\xef\xbb\xbf"))
    encoding = found[1].decode("latin-1").lower() if found else "utf-8"
    if head.startswith(_MARKS) or encoding not in _ENCODINGS:
        raise refuse(name, f"is in none of {', '.join(ENCODINGS)}", "have the system export UTF-8")
    return encoding


class _Reader:
    """Feeds the parser, and keeps the bytes of the record being read."""

    def __init__(self, record: str, context: Mapping[str, Any]) -> None:
        self._target = _Target(record)
        self._parser: Any = DefusedXMLParser(target=self._target, forbid_dtd=True)
        self._target.place = lambda: int(self._parser.parser.CurrentByteIndex)
        self._context = context
        self._buffer = bytearray()
        self._offset = 0
        self._head = b""
        self._number = 0

    def feed(self, block: bytes) -> Iterator[Piece]:
        """The records that end in a block."""
        self._buffer += block
        self._parser.feed(block)
        for found in self._target.take():
            yield self._piece(found)
        place = self._target.place()
        if self._offset + len(self._buffer) - place > TOKEN_BYTES_MAX:
            raise _TooMuch(f"has a tag of more than {TOKEN_BYTES_MAX} bytes")
        self._forget(place)

    def _forget(self, place: int) -> None:
        """Drop the bytes before a place, but keep the record being read, or its beginning."""
        started = self._target.started
        if started is not None and not self._target.broken:
            if place - started > RECORD_BYTES_MAX:
                self._head = bytes(self._buffer[started - self._offset :][:RECORD_BYTES_MAX])
                self._target.broken = "E-ROW-SIZE"
            else:
                place = started
        if place > self._offset:
            del self._buffer[: place - self._offset]
            self._offset = place

    def close(self) -> None:
        """The document ends here."""
        self._parser.close()

    def _piece(self, found: "_Found") -> Piece:
        self._number += 1
        raw = self._head or self._raw(found)
        self._head = b""
        context = {
            **self._context,
            "record": self._target.record,
            "namespaces": found.namespaces,
            "line": self._number,
        }
        broken = found.broken or ("E-ROW-SIZE" if len(raw) > RECORD_BYTES_MAX else "")
        error = _refused(broken) if broken else None
        return Piece(Record() if broken else found.record, error, raw, context)

    def _raw(self, found: "_Found") -> bytes:
        """From the first tag of a record to the end of its last one."""
        end = found.end - self._offset
        if not (found.bare and self._buffer[:end].endswith(b"/>")):  # else the parser is behind it
            end = self._buffer.index(b">", end) + 1
        return bytes(self._buffer[found.start - self._offset : end])


_RULES = {
    "E-ROW-SIZE": f"a record of at most {RECORD_BYTES_MAX} bytes",
    "E-XML-DEPTH": f"a record of at most {DEPTH_MAX} levels",
}


def _refused(code: str) -> UnreadableRecord:
    rule = _RULES[code]
    return UnreadableRecord(f"not {rule}", code=code, rule=rule, remedy="mend it in the source")


class _Found(NamedTuple):
    """A record with where its first tag begins and where its last one does, in bytes.

    `bare` is one with nothing inside, perhaps a single tag; then its end is behind that tag.
    """

    record: Record
    start: int
    end: int
    broken: str
    bare: bool
    namespaces: Mapping[str, str]


class _Element:
    """An element while it is read."""

    __slots__ = ("name", "text", "value")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name = name
        self.value: dict[str, Any] = {f"@{_local(k)}": text for k, text in attributes.items()}
        self.text: list[str] = []

    def add(self, name: str, value: Any) -> None:
        """A child; the second of a name makes a list."""
        last = self.value.get(name)
        if name not in self.value:
            self.value[name] = value
        elif isinstance(last, list):
            last.append(value)
        else:
            self.value[name] = [last, value]

    def done(self) -> Any:
        """The element's value."""
        text = "".join(self.text)
        if not self.value:
            return text
        if text.strip():
            self.value["#text"] = text
        return self.value


class _Target:
    """What the parser tells, made into records."""

    def __init__(self, record: str) -> None:
        self.record = record
        self.started: int | None = None
        self.broken = ""
        self.place: Callable[[], int] = lambda: 0
        self._stack: list[_Element] = []
        self._depth = 0
        self._record_depth = 0
        self._bare = True
        self._namespaces: dict[str, str] = {}
        self._found: list[_Found] = []

    def take(self) -> list[_Found]:
        """The records that ended since the last time."""
        found, self._found = self._found, []
        return found

    def start_ns(self, prefix: str, uri: str) -> None:
        """A name space: kept where it is outside of records, so that one can be read alone."""
        if not self._stack and len(self._namespaces) < DEPTH_MAX:
            self._namespaces[prefix or ""] = uri

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        name = _local(tag)
        if not self._stack:
            if self._depth > DEPTH_MAX:
                raise _TooMuch(f"is nested more than {DEPTH_MAX} levels")
            if name != self.record:
                return
            self.started, self.broken, self._record_depth = self.place(), "", self._depth
            self._bare = True
        else:
            self._bare = False
            if self._depth - self._record_depth >= DEPTH_MAX:
                self.broken = self.broken or "E-XML-DEPTH"
        if not self.broken:
            self._stack.append(_Element(name, attributes))

    def data(self, text: str) -> None:
        """Text."""
        if self._stack and not self.broken:
            self._bare = False
            self._stack[-1].text.append(text)

    def end(self, _tag: str) -> None:
        """An element ends."""
        self._depth -= 1
        if self.started is None:
            return
        if self._depth >= self._record_depth:
            if not self.broken:
                element = self._stack.pop()
                self._stack[-1].add(element.name, element.done())
            return
        value = {} if self.broken else self._stack[0].done()
        record = Record(value if isinstance(value, dict) else {"#text": value})
        bare, spaces = self._bare, dict(self._namespaces)
        self._found.append(_Found(record, self.started, self.place(), self.broken, bare, spaces))
        self._stack.clear()
        self.started, self.broken = None, ""

    def close(self) -> None:
        """The document ends."""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def record_of(raw: bytes, context: Mapping[str, Any]) -> Record:
    """One record again from its bytes, in the name spaces of its document.

    Raises UnreadableRecord E-XML where that is no such record.
    """
    spaces = "".join(
        f" xmlns{':' if prefix else ''}{prefix}={quoteattr(uri)}"
        for prefix, uri in context.get("namespaces", {}).items()
    )
    reader = _Reader(context["record"], context)
    try:
        encoding = context.get("encoding", UTF_8)
        head = f'<?xml version="1.0" encoding="{encoding}"?><_{spaces}>'
        pieces = list(reader.feed(head.encode(encoding, "xmlcharrefreplace") + raw + b"</_>"))
        reader.close()
    except (ParseError, DefusedXmlException, _TooMuch):
        pieces = []
    if len(pieces) != 1:
        raise UnreadableRecord(
            "not an XML record", code="E-XML", rule="one element", remedy="mend it in the source"
        )
    if pieces[0].error is not None:
        raise pieces[0].error
    return pieces[0].record
