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
_NOT_FOUND_CODES = range(40_400, 40_500)
_INVALID = (400, 422)


def register_all(url: str, progress: Callable[[str], None] = lambda _: None) -> Mapping[str, int]:
    """Register every schema that goes on Kafka; full name to schema id. Repeating changes nothing.

    Raises SettingsError E-SCHEMA where the registry finds a schema incompatible, Unavailable where
    it does not answer.
    """
    ids: dict[str, int] = {}
    with _client(url) as client:
        for name in wire_names():
            ids[name] = _id(_asked(partial(client.register_schema, name, _schema(name)), name))
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
            name: _id(_asked(partial(client.lookup_schema, name, _schema(name)), name).schema_id)
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
        if not isinstance(schema.schema_str, str):
            raise Unavailable("the schema registry answers without a schema")
        return schema.schema_str

    return fetch


def _id(answer: object) -> int:
    if type(answer) is not int:
        raise Unavailable("the schema registry answers without a schema id")
    return answer


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
        raise _refusal(error.http_status_code, error.error_code, what) from None
    except Exception as error:  # pages instead of JSON, no connection, its HTTP library's own tree
        raise _away(error) from error


def _refusal(status: int, code: int, what: str) -> Exception:
    """What an answer that is an error means. A 404 that no registry wrote says nothing of ids."""
    if status == _NOT_FOUND and code in _NOT_FOUND_CODES:
        return LookupError(what)
    if status == _CONFLICT:
        return SettingsError(
            f"schema {what} is not compatible with its registered versions",
            code="E-SCHEMA",
            remedy="hub schemas check says which rule is broken",
        )
    if status in _INVALID:
        return SettingsError(f"the registry refuses schema {what} ({status})", code="E-SCHEMA")
    return Unavailable(
        f"the schema registry answers {status}",
        remedy="check registry_url, the access to it and the registry's log",
    )


def _away(error: Exception) -> Unavailable:
    return Unavailable(
        f"the schema registry does not answer ({type(error).__name__})",
        remedy="check registry_url and that the registry runs",
    )
