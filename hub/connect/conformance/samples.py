"""A connector's samples folder: recorded inputs, how they are served, and the events they mean.

    samples/
      NAME.toml            how the samples of connector NAME are served, see below
      2026-01-31.csv       recorded inputs, pseudonymised
      NAME.expected.json   the events they mean

NAME.toml:

    serve = "folder"            # or "http", "calls", "records"
    files = ["*.csv"]           # which files of this folder; patterns
    expected = ["NAME.expected.json"]
    [settings]                  # the connector's own; paths are below the served folder
    folder = "."
    [http]                      # for "http": parameters the server heeds, field of the last change
    [headers]                   # for "calls": headers of every call

Settings of an `http` stand may say `{url}`. A secret is in a file beside the samples, made up.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.connect.conformance import stands
from hub.connect.conformance.http_stand import Lists
from hub.connect.conformance.stand import Stand, Subject
from hub.connect.contract import Connector
from hub.errors import SettingsError
from hub.settings import unknown_key

KEYS = ("serve", "files", "expected", "settings", "http", "headers")
SERVED = ("folder", "http", "calls", "records")


def subject(connector: Connector, samples: Path, stand: Stand | None = None) -> Subject:
    """A connector with its samples being served, by `stand` or as NAME.toml says.

    Raises SettingsError where there are none, or the file says nonsense.
    """
    recorded = samples / f"{connector.name}.expected.json"
    if stand is not None:
        return Subject(connector, stand, _expected([recorded]) if recorded.exists() else None)
    table = _table(samples / f"{connector.name}.toml")
    named = [samples / name for name in table.get("expected", [recorded.name])]
    expected = _expected(named) if all(path.exists() for path in named) else None
    return Subject(connector, _stand(connector, samples, table), expected)


def expected_file(connector: Connector, samples: Path) -> Path:
    """Where the events of these samples are recorded.

    Raises SettingsError where they are in several files, which nobody but a person can divide.
    """
    table = _table(samples / f"{connector.name}.toml")
    named = table.get("expected", [f"{connector.name}.expected.json"])
    if len(named) != 1:
        raise SettingsError("the expected events are in several files", remedy="record by hand")
    return samples / str(named[0])


def _table(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        raise SettingsError(
            f"there are no samples: {path} is missing",
            remedy="name their folder with --samples, or write that file as"
            " docs/guides/add-a-connector.md shows",
        )
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}", remedy="mend the TOML there") from error
    for key in table:
        if key not in KEYS:
            raise unknown_key(key, dict.fromkeys(KEYS), str(path))
    return table


def _expected(paths: list[Path]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for path in paths:
        try:
            found += json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, TypeError) as error:
            raise SettingsError(
                f"{path} is no JSON list of events", remedy="record them: --record"
            ) from error
    return found


def _stand(connector: Connector, samples: Path, table: Mapping[str, Any]) -> Stand:
    files = sorted(
        {
            path
            for pattern in table.get("files", ["*"])
            for path in samples.glob(pattern)
            if path.is_file() and path.suffix != ".toml" and ".expected." not in path.name
        }
    )
    if not files:
        raise SettingsError(f"{samples} holds no samples", remedy="mend `files` in its .toml")
    settings = table.get("settings", {})
    served = table.get("serve", "folder")
    if served == "folder":
        return stands.folder(connector, samples, files, settings)
    if served == "http":
        return stands.http(connector, files, settings, Lists(**table.get("http", {})))
    if served == "calls":
        return stands.calls(connector, files, settings, table.get("headers", {}))
    if served == "records":
        return stands.records(files)
    raise SettingsError(
        f"samples cannot be served as {served!r}", remedy=f"one of {', '.join(SERVED)}"
    )
