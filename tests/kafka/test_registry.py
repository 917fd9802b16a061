"""A real registry: our schemas go in once, wrong ones are refused, other versions are read."""

import json
from typing import Any

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from hub_under_test import Hub

import schemas
from hub.canon import registry
from hub.canon.codec import Codec, wire_names
from hub.canon.model import EVENT_NAMES, LicenceIssued
from hub.errors import DecodeError, SettingsError, Unavailable
from tests.strategies import SAMPLE

pytestmark = pytest.mark.kafka
NAME = EVENT_NAMES[LicenceIssued]
NOBODYS_ID = 999_999


def put(client: Any, schema: dict[str, Any]) -> int:
    """Register a schema under its name; its id."""
    number: int = client.register_schema(NAME, Schema(json.dumps(schema), "AVRO"))
    return number


def framed(number: int, data: bytes) -> bytes:
    """The same Avro bytes under another schema id."""
    return b"\0" + number.to_bytes(4, "big") + data[5:]


def test_a_registry_from_empty_to_gone(hub: Hub) -> None:
    """Registering twice gives the same ids; other versions are read where that is safe.

    A newer optional field is read, an incompatible schema refused (FULL_TRANSITIVE), an unknown id
    is told, and a stopped registry is an outage, not a fault of the bytes.
    """
    url = hub.stack.endpoints.registry_url
    ids = registry.register_all(url)
    assert ids == registry.register_all(url) == registry.known_ids(url)
    assert set(ids) == set(wire_names())
    assert len(set(ids.values())) == len(ids)
    assert registry.check_all(url) == []
    with SchemaRegistryClient({"url": url}) as client:
        assert {client.get_compatibility(name) for name in ids} == {"FULL_TRANSITIVE"}
        codec = Codec(ids, registry.fetcher(url))
        data = codec.encode(SAMPLE)

        newer = schemas.load(NAME)
        newer["fields"].append({"name": "motto", "type": ["null", "string"], "default": None})
        number = put(client, newer)
        assert codec.decode(framed(number, data + b"\2\x08ever")) == SAMPLE

        broken = schemas.load(NAME)
        broken["fields"].append({"name": "needed", "type": "string"})
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(registry, "registered_schema", lambda _: json.dumps(broken))
            patched.setattr(registry, "wire_names", lambda: (NAME,))
            assert registry.check_all(url) != []
            with pytest.raises(SettingsError) as refused:
                registry.register_all(url)
        assert refused.value.code == "E-SCHEMA"

    with pytest.raises(DecodeError) as unknown:
        codec.decode(framed(NOBODYS_ID, data))
    assert unknown.value.code == "E-SCHEMA-ID"
    hub.stack.registry.stop()
    with pytest.raises(Unavailable):
        codec.decode(framed(NOBODYS_ID, data))
    assert codec.decode(framed(number, data + b"\0")) == codec.decode(data) == SAMPLE
