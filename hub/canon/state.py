"""How the store keeps a subject's state: Avro bytes behind one byte that tells the layout."""

from hub.canon import records
from hub.canon.checks import Broken
from hub.canon.model import SubjectState
from hub.errors import ContractBreach

LAYOUT = b"\2"
FIRST_LAYOUT = b"\1"
"""As the second, without the two lists at its end, which are empty then."""


def encode_state(state: SubjectState) -> bytes:
    """The bytes of a state."""
    parts = [LAYOUT]
    records.put_subject_state(state, parts.append)
    return b"".join(parts)


def decode_state(data: bytes) -> SubjectState:
    """The state in stored bytes. Raises ContractBreach for a layout this version does not know."""
    if data[:1] == FIRST_LAYOUT:
        data = LAYOUT + data[1:] + b"\0\0"
    try:
        state, end = records.take_subject_state(data, len(LAYOUT))
    except (Broken, IndexError, KeyError, ValueError):
        end = -1
    if data[:1] != LAYOUT or end != len(data):
        raise ContractBreach(
            "a stored state has an unknown layout",
            code="E-STATE",
            remedy="it was written by a newer hub; or: hub view rebuild",
        )
    return state
