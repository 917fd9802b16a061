"""How this deployment is set up: one TOML file, secrets in files of their own.

The file is named by `--settings`, else by the environment variable CIVIC_HUB_SETTINGS, else it is
`hub.toml` in the working directory. A key that is not known is refused with the nearest known one.
"""

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from hub.errors import SettingsError

SETTINGS_VARIABLE = "CIVIC_HUB_SETTINGS"


@dataclasses.dataclass(frozen=True)
class HubSettings:
    """Settings of the hub itself; connectors have tables of their own under [connectors.NAME]."""

    bootstrap_servers: str
    registry_url: str
    postgres_dsn_file: Path
    identity_key_file: Path
    state_dir: Path = Path(".civic-hub")
    connectors_folder: Path | None = None
    runner: Literal["faust", "batch"] = "faust"
    batch_events_max: int = 1_000
    batch_wait_s: float = 0.2
    store_wait_s: float = 60.0
    session_timeout_s: float = 6.0
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 9_464
    control_host: str = "127.0.0.1"
    control_port: int = 8_083
    control_token_file: Path = Path("secrets/control_token")
    scope_file: Path | None = None
    authority_file: Path | None = None
    approvers: int = 1
    kafka: Mapping[str, str] = dataclasses.field(default_factory=dict)
    connectors: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)

    def postgres_dsn(self) -> str:
        """The store's connection text, read from its file each time so that it can be rotated."""
        return read_secret(self.postgres_dsn_file).decode()

    def identity_key(self) -> bytes:
        """The key under which identifiers are derived.

        Raises SettingsError when it is shorter than 32 bytes.
        """
        key = read_secret(self.identity_key_file)
        if len(key) < 32:  # noqa: PLR2004 - the size of HMAC-SHA-256's block of security
            raise SettingsError(
                f"{self.identity_key_file} holds fewer than 32 bytes",
                remedy="make one with: head -c 32 /dev/urandom | base64 > FILE",
            )
        return key


class ConnectorSettings(NamedTuple):
    """The part of the settings that says which connectors there are and how they are set up.

    Enough for whatever asks a source and no hub.
    """

    connectors_folder: Path | None
    connectors: Mapping[str, Mapping[str, Any]]


def read_secret(path: Path) -> bytes:
    """The content of a secret file without surrounding white space; SettingsError if unreadable."""
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(
            f"the secret file {path} cannot be read ({error.strerror})",
            remedy="create it, readable by the hub's user only",
        ) from error


def settings_path(path: Path | None = None) -> Path:
    """The settings file that is meant; see the module's text."""
    return path or Path(os.environ.get(SETTINGS_VARIABLE, "hub.toml"))


def connectors_folder(path: Path | None = None) -> Path | None:
    """The folder of mappings in the settings file; None where no file is named and none is there.

    For commands that need nothing else of a deployment. Raises SettingsError as load_settings does.
    """
    if path is None and SETTINGS_VARIABLE not in os.environ and not settings_path().exists():
        return None
    return connector_settings(path).connectors_folder


def connector_settings(path: Path | None = None) -> ConnectorSettings:
    """What the settings file says of connectors; it may lack everything else.

    Raises SettingsError as load_settings does.
    """
    chosen = settings_path(path)
    table = _table(chosen)
    fields = _known(table, chosen)
    found = {
        name: _typed(name, fields[name].type, table[name], chosen)
        for name in ConnectorSettings._fields
        if name in table
    }
    return ConnectorSettings(found.get("connectors_folder"), found.get("connectors", {}))


def load_settings(path: Path | None = None) -> HubSettings:
    """Read the settings file. Raises SettingsError naming the file, the key and what to do."""
    chosen = settings_path(path)
    return hub_settings(_table(chosen), chosen)


def _table(chosen: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(chosen.read_text())
    except OSError as error:
        raise SettingsError(
            f"the settings file {chosen} cannot be read ({error.strerror})",
            remedy=f"name one with --settings or {SETTINGS_VARIABLE}",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{chosen}: {error}", remedy="mend the TOML there") from error


def _known(table: Mapping[str, Any], path: Path) -> Mapping[str, "dataclasses.Field[Any]"]:
    """The fields there are; SettingsError where the table has another."""
    fields = {field.name: field for field in dataclasses.fields(HubSettings)}
    for key in table:
        if key not in fields:
            raise unknown_key(key, fields, str(path))
    return fields


def hub_settings(table: Mapping[str, Any], path: Path) -> HubSettings:
    """Settings from a parsed table; relative paths are below the settings file's folder."""
    fields = _known(table, path)
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in table:
            values[name] = _typed(name, field.type, table[name], path)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise SettingsError(f"{path}: {name} is missing", remedy=f"add a line {name} = ...")
    return HubSettings(**values)


def unknown_key(key: str, known: Mapping[str, Any], where: str) -> SettingsError:
    """The error for a key nobody knows, with the nearest known one."""
    near = difflib.get_close_matches(key, known, n=1)
    remedy = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(sorted(known))}"
    return SettingsError(f"{where}: {key} is not a setting", remedy=remedy)


_RUNNERS = ("faust", "batch")


def _typed(name: str, wanted: Any, value: Any, path: Path) -> Any:
    """The value in the field's type, or SettingsError saying which type is wanted."""
    if wanted in (Path, Path | None) and isinstance(value, str):
        return (path.parent / value).resolve()
    if wanted is float and type(value) in (int, float):
        return float(value)
    if wanted in (str, int) and type(value) is wanted:
        return value
    if name == "runner" and value in _RUNNERS:
        return value
    if name in ("kafka", "connectors") and isinstance(value, dict):
        return value
    kind = " or ".join(_RUNNERS) if name == "runner" else getattr(wanted, "__name__", "a table")
    raise SettingsError(f"{path}: {name} must be {kind}", remedy="mend the value there")
