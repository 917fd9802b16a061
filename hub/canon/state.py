"""How the store keeps a subject's state: Avro bytes behind one byte that tells the layout."""

import io

import fastavro

import schemas
from hub.canon import records
from hub.canon.codec import parse
from hub.canon.model import SubjectState
from hub.errors import ContractBreach

LAYOUT = b"\1"
_SCHEMA = parse(schemas.load("civic.SubjectState"))


def encode_state(state: SubjectState) -> bytes:
    """The bytes of a state."""
    parts = [LAYOUT]
    records.put_subject_state(state, "state", parts.append)
    return b"".join(parts)


def decode_state(data: bytes) -> SubjectState:
    """The state in stored bytes. Raises ContractBreach for a layout this version does not know."""
    if data[:1] != LAYOUT:
        raise ContractBreach(
            "a stored state has an unknown layout",
            code="E-STATE",
            remedy="it was written by a newer hub; or: hub view rebuild",
        )
    return records.take_subject_state(fastavro.schemaless_reader(io.BytesIO(data[1:]), _SCHEMA))
