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


def _key(doc: str, default: Any = dataclasses.MISSING, *, least: int = 0) -> Any:
    """Declare one key: what it is for, its default, and of a number the least it may be."""
    return dataclasses.field(default=default, metadata={"doc": doc, "least": least})


def _tables(doc: str) -> Any:
    return dataclasses.field(default_factory=dict, metadata={"doc": doc})


@dataclasses.dataclass(frozen=True)
class HubSettings:
    """Settings of the hub itself; connectors have tables of their own under [connectors.NAME]."""

    bootstrap_servers: str = _key("Kafka's bootstrap servers, with a comma between.")
    registry_url: str = _key("Address of the Confluent-compatible schema registry.")
    postgres_dsn_file: Path = _key("File with PostgreSQL's connection text.")
    identity_key_file: Path = _key("File with the key identifiers are derived from; for good.")
    state_dir: Path = _key(
        "Folder of what a process remembers between starts; what is lost is made anew.",
        Path(".civic-hub"),
    )
    connectors_folder: Path | None = _key("Folder with connectors of your own, as mappings.", None)
    runner: Literal["faust", "batch"] = _key("What feeds the processor: faust or batch.", "faust")
    batch_events_max: int = _key("How many events one transaction applies at most.", 1_000, least=1)
    batch_wait_s: float = _key("How long a transaction waits for more events.", 0.2)
    session_timeout_s: float = _key("After so long without a sign a consumer is gone.", 6.0)
    metrics_host: str = _key("Where metrics and health are served.", "127.0.0.1")
    metrics_port: int = _key("The port of metrics and health; 0 for any free one.", 9_464)
    control_host: str = _key("Where `hub run control` listens.", "127.0.0.1")
    control_port: int = _key("The port it listens on; 0 for any free one.", 8_083)
    control_token_file: Path = _key(
        "File with the token its callers must know.", Path("secrets/control_token")
    )
    scope_file: Path | None = _key(
        "TOML file: which agencies' records may be linked (`groups`, `apart`); without it all may.",
        None,
    )
    authority_file: Path | None = _key(
        "TOML file: which agencies are believed about a field, the first first; without it as the "
        "hub has it.",
        None,
    )
    person_model_file: Path | None = _key(
        "Model of persons made by `hub identity train`; without it the one of the hub.", None
    )
    organisation_model_file: Path | None = _key(
        "Model of organisations made by `hub identity train`; without it the one of the hub.", None
    )
    approvers: int = _key("How many stewards must approve a decision until it counts.", 1, least=1)
    kafka: Mapping[str, str] = _tables(
        "Table of further settings of Kafka's clients; KEY.file names a file with a secret."
    )
    connectors: Mapping[str, Mapping[str, Any]] = _tables("A table for each connector, below.")

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
            values[name] = _bounded(field, _typed(name, field.type, table[name], path), path)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise SettingsError(f"{path}: {name} is missing", remedy=f"add a line {name} = ...")
    return HubSettings(**values)


def unknown_key(key: str, known: Mapping[str, Any], where: str) -> SettingsError:
    """The error for a key nobody knows, with the nearest known one."""
    near = difflib.get_close_matches(key, known, n=1)
    remedy = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(sorted(known))}"
    return SettingsError(f"{where}: {key} is not a setting", remedy=remedy)


def _bounded(field: "dataclasses.Field[Any]", value: Any, path: Path) -> Any:
    """The value, which is not below what the key allows."""
    least = field.metadata.get("least", 0)
    if isinstance(value, int | float) and value < least:
        raise SettingsError(
            f"{path}: {field.name} must be {least} or more", remedy="mend the value there"
        )
    return value


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
