"""The schema registry: registering our schemas and fetching those of other writers.

confluent-kafka's registry client is used here and nowhere else; it speaks to any
Confluent-compatible registry. Subjects are the schemas' full names (record name strategy), because
one topic carries several kinds of event.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from hub.canon.codec import registered_schema, wire_names
from hub.errors import SettingsError, Unavailable

COMPATIBILITY = "FULL_TRANSITIVE"
TIMEOUT_S = 10
_CONFLICT = 409
_NOT_FOUND = 404
_SERVER_FAULT = 500


def register_all(url: str, progress: Callable[[str], None] = lambda _: None) -> Mapping[str, int]:
    """Register every schema that goes on Kafka; full name to schema id. Repeating changes nothing.

    Raises SettingsError E-SCHEMA where the registry finds a schema incompatible, Unavailable where
    it does not answer.
    """
    ids: dict[str, int] = {}
    with _client(url) as client:
        for name in wire_names():
            ids[name] = _asked(partial(client.register_schema, name, _schema(name)), name)
            progress(name)
        for name in wire_names():
            _asked(partial(client.set_compatibility, name, COMPATIBILITY), name)
    return ids


def known_ids(url: str) -> Mapping[str, int]:
    """Full name to schema id of our schemas, registering nothing.

    Raises LookupError where one of them is not registered.
    """
    with _client(url) as client:
        return {
            name: _asked(partial(client.lookup_schema, name, _schema(name)), name).schema_id
            for name in wire_names()
        }


def check_all(url: str) -> list[str]:
    """What is not compatible with the registry's latest versions, in words; empty is good."""
    problems: list[str] = []
    with _client(url) as client:
        for name in wire_names():
            try:
                fits = _asked(partial(client.test_compatibility, name, _schema(name)), name)
            except LookupError:
                continue  # not registered yet
            if not fits:
                problems.append(f"{name}: the registry's latest version is not compatible")
    return problems


def fetcher(url: str) -> Callable[[int], str]:
    """A function that gives the text of a schema by id; see Codec for what it raises."""

    def fetch(number: int) -> str:
        with _client(url) as client:
            schema = _asked(partial(client.get_schema, number), str(number))
        return str(schema.schema_str)

    return fetch


@contextmanager
def _client(url: str) -> Iterator[Any]:
    with SchemaRegistryClient({"url": url, "timeout": TIMEOUT_S, "max.retries": 1}) as client:
        yield client


def _schema(name: str) -> Any:
    return Schema(registered_schema(name), "AVRO")


def _asked(call: Callable[[], Any], what: str) -> Any:
    """The answer of one call, its errors told apart by what happens next."""
    try:
        return call()
    except SchemaRegistryError as error:
        status = error.http_status_code
        if status == _NOT_FOUND:
            raise LookupError(what) from None
        if status == _CONFLICT:
            raise SettingsError(
                f"schema {what} is not compatible with its registered versions",
                code="E-SCHEMA",
                remedy="hub schemas check says which rule is broken",
            ) from None
        if status < _SERVER_FAULT:
            raise SettingsError(
                f"the registry refuses schema {what} ({status})", code="E-SCHEMA"
            ) from None
        raise Unavailable(f"the schema registry answers {status}") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise _away(error) from error
    except Exception as error:  # the client's HTTP library has a tree of its own
        if type(error).__module__.startswith("httpx"):
            raise _away(error) from error
        raise


def _away(error: Exception) -> Unavailable:
    return Unavailable(
        f"the schema registry does not answer ({type(error).__name__})",
        remedy="check registry_url and that the registry runs",
    )
