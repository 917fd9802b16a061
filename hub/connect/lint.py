"""Checks before anything is started: a connector's settings, and the connector itself."""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from hub.bus.topics import DOMAINS
from hub.canon.model import EVENT_NAMES
from hub.connect.contract import Connector
from hub.errors import SettingsError
from hub.settings import read_secret, unknown_key

NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
HIDDEN = "***"
PLAIN_TYPES = (str, int, float, bool)


class Problem(NamedTuple):
    """One thing that is wrong, and what to do."""

    where: str
    what: str
    remedy: str


def settings_of(connector: Connector, table: Mapping[str, Any], base: Path) -> Any:
    """The connector's settings from a TOML table; relative paths are below `base`.

    A secret `x` is read from the file named by `x_file`. Raises SettingsError naming the key.
    """
    return checked(connector.settings, f"[connectors.{connector.name}]", table, base)


def keys(settings: type) -> dict[str, str]:
    """The fields of declared settings by the key each has in a TOML table."""
    return {
        f"{field.name}_file" if field.metadata.get("secret") else field.name: field.name
        for field in dataclasses.fields(settings)
    }


def checked(settings: type, where: str, table: Mapping[str, Any], base: Path) -> Any:
    """Declared settings from a TOML table; see `settings_of`."""
    fields = {field.name: field for field in dataclasses.fields(settings)}
    hints = get_type_hints(settings)
    named = keys(settings)
    for key in table:
        if key not in named:
            raise unknown_key(key, named, where)
    values: dict[str, Any] = {}
    for key, name in named.items():
        if key in table:
            secret = key != name
            value = table[key]
            values[name] = (
                read_secret(base / str(value)).decode()
                if secret
                else _typed(f"{where} {key}", hints[name], value, base)
            )
        elif fields[name].default is dataclasses.MISSING:
            doc = fields[name].metadata.get("doc", "")
            raise SettingsError(f"{where}: {key} is missing", remedy=f"set {key}: {doc}")
    return settings(**values)


def _typed(where: str, wanted: Any, value: Any, base: Path) -> Any:
    if wanted in (Path, Path | None) and isinstance(value, str):
        return (base / value).resolve()
    if wanted is float and type(value) in (int, float):
        return float(value)
    if wanted in PLAIN_TYPES and type(value) is wanted:
        return value
    kind = getattr(wanted, "__name__", str(wanted))
    raise SettingsError(f"{where} must be {kind}", remedy="mend the value there")


def shown(settings: Any) -> dict[str, Any]:
    """The settings as they may be shown: secrets are hidden."""
    return {
        field.name: HIDDEN if field.metadata.get("secret") else getattr(settings, field.name)
        for field in dataclasses.fields(settings)
    }


def problems(connector: Connector) -> list[Problem]:  # noqa: C901 - a list of questions
    """What is wrong with a connector as a value; empty is good."""
    found: list[Problem] = []
    where = connector.name

    def wrong(what: str, remedy: str) -> None:
        found.append(Problem(where, what, remedy))

    if not NAME.fullmatch(connector.name):
        wrong("the name is not a plain one", "use a-z, 0-9 and _, at most 40, a letter first")
    if (connector.changes is None) == (connector.receive is None):
        wrong("it must be asked or pushed to", "give exactly one of changes and receive")
    if connector.domain not in DOMAINS:
        wrong(f"there is no domain {connector.domain}", f"one of {', '.join(DOMAINS)}")
    if not connector.emits:
        wrong("it emits nothing", "declare the event classes it yields in emits")
    for body in connector.emits:
        expected = f"civic.events.{connector.domain}."
        if not EVENT_NAMES.get(body, "").startswith(expected):
            wrong(f"{body.__name__} is no event of {connector.domain}", "emit events of the domain")
    if not dataclasses.is_dataclass(connector.settings):
        wrong("settings is not a dataclass", "declare settings with @dataclass and setting()")
        return found
    for field in dataclasses.fields(connector.settings):
        if not field.metadata.get("doc"):
            wrong(f"setting {field.name} has no text", "declare it with setting('what it is for')")
    return found
