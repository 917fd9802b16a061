"""Identifiers that are derived, never drawn: the same change read twice is the same event.

Format: UUID version 8 (RFC 9562 section 5.8) from the first 128 bits of HMAC-SHA-256 under a key
of the deployment, over the parts in length-prefixed UTF-8. Without the key nobody can compute an
identifier from a native key, nor guess the native key back.
"""

import hmac

KEY_BYTES_MIN = 32
_VARIANT = {f"{digit:x}": f"{digit & 0x3 | 0x8:x}" for digit in range(16)}
"""A hexadecimal digit with the two bits of the RFC 9562 variant put in place."""


def derive_id(key: bytes, *parts: str) -> str:
    """The UUIDv8 of these parts in canonical text form.

    `key` has at least KEY_BYTES_MIN bytes. Parts are length-prefixed, so ("ab", "c") and
    ("a", "bc") differ.
    """
    message = "".join([f"{len(part)}:{part}" for part in parts]).encode()
    text = hmac.digest(key, message, "sha256").hex()
    variant = _VARIANT[text[16]] + text[17:20]
    return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{variant}-{text[20:32]}"


def record_id(key: bytes, connector: str, record_key: str) -> str:
    """The hub's identifier of a source record; also its key on Kafka."""
    return derive_id(key, "record", connector, record_key)


def event_id(
    key: bytes, connector: str, record_key: str, record_version: int, event_type: str, kind: str
) -> str:
    """The hub's identifier of one event of one state of a source record."""
    return derive_id(key, "event", connector, record_key, str(record_version), event_type, kind)


def superseding_id(key: bytes, event: str, record_key: str, record_version: int) -> str:
    """The identifier of the event that withdraws a record because `event` takes its place."""
    return derive_id(key, "superseding", event, record_key, str(record_version))
