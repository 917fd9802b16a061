"""Model files: those that come with the hub, and those an agency trained on its own data."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from importlib import resources
from pathlib import Path
from typing import Any

from hub.errors import SettingsError
from hub.identity.kind import Kind
from hub.identity.weigh import NAMES_ALONE, PARTS_OF_FIELD, Model, model_of

BYTES_MAX = 16_000_000
_NUMBERS = {
    "margin_bits": (0, 20),
    "floor_bits": (0, 10),
    "ambiguous_bits": (0, 10),
    "best_share": (0, 10),
    "damped_share": (0, 10),
    "apart_share": (0, 10),
}
_BITS = (-20, 20)
_PARTS = {
    "same": (0.01, 1),
    "cap": (0, 40),
    "spread": (1, 10**9),
    "generic": (0, 10**6),
    **dict.fromkeys(NAMES_ALONE, _BITS),
}
_OTHERS = frozenset({"version", "frequencies", "trained_on"})
_TWO = 2


def told_model(kind: Kind) -> dict[str, Any]:
    """The plain values of the model of a kind that comes with the hub."""
    file = resources.files("hub.identity") / "model" / f"{kind.model}.json"
    told: dict[str, Any] = json.loads(file.read_text())
    return told


def read_model(path: Path, kind: Kind) -> Model:
    """A model from a file; its version is that of what it says, also where somebody changed it.

    Raises SettingsError where it cannot be a model, saying what is wrong.
    """
    try:
        raw = path.read_bytes() if path.stat().st_size <= BYTES_MAX else b""
        told = json.loads(raw)
    except OSError as error:
        raise SettingsError(f"the model {path} cannot be read", remedy="check the path") from error
    except (ValueError, RecursionError) as error:
        raise _wrong("it is no JSON, or larger than 16 MB") from error
    check(told, kind)
    return model_of({**told, "version": version_of(told, kind)}, kind.fields)


def version_of(told: Mapping[str, Any], kind: Kind) -> str:
    """The version of a model that was made: of which it was made, and a digest of what it says."""
    said = {name: value for name, value in told.items() if name != "version"}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return f"{kind.model}-{blake2b(text.encode(), digest_size=4).hexdigest()}"


def check(told: Any, kind: Kind) -> None:
    """Raise SettingsError where plain values are no model of a kind."""
    known = told_model(kind)
    if not isinstance(told, dict) or not isinstance(told.get("version"), str):
        raise _wrong("it is no object with a version")
    for name in told.keys() ^ known.keys():
        if name not in _OTHERS:
            raise _wrong(f"{name!r} is {'unknown' if name in told else 'missing'}")
    for name, limits in _NUMBERS.items():
        _within(name, told[name], limits)
    for name in kind.fields:
        _check_field(name, told[name], known[name])
    _check_tables(told.get("frequencies", {}), kind)


def _check_field(name: str, told: Any, known: Mapping[str, Any]) -> None:
    if not isinstance(told, dict) or told.keys() != known.keys():
        raise _wrong(f"{name!r} needs exactly {', '.join(sorted(known))}")
    for part, value in told.items():
        if part in PARTS_OF_FIELD:
            _within(f"{name}.{part}", value, _PARTS[part])
        elif isinstance(value, list) and len(value) == _TWO:
            for one in value:
                _within(f"{name}.{part}", one, (1e-12, 1))
        else:
            _within(f"{name}.{part}", value, _BITS)


def _check_tables(told: Any, kind: Kind) -> None:
    if not isinstance(told, dict) or told.keys() - kind.fields.keys():
        raise _wrong("'frequencies' names a field that there is not")
    for name, table in told.items():
        if not isinstance(table, dict) or table.keys() != {"total", "values"}:
            raise _wrong(f"'frequencies.{name}' needs total and values")
        if not isinstance(table["values"], dict):
            raise _wrong(f"'frequencies.{name}.values' is no object")
        for one in (table["total"], *table["values"].values()):
            if not isinstance(one, int) or isinstance(one, bool) or one < 0:
                raise _wrong(f"'frequencies.{name}' has a count that is no whole number")


def _within(name: str, value: Any, limits: tuple[float, float]) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not limits[0] <= value <= limits[1]:
        raise _wrong(f"{name!r} is not between {limits[0]} and {limits[1]}")


def _wrong(what: str) -> SettingsError:
    return SettingsError(
        f"the model file does not fit: {what}",
        remedy="make it anew with hub identity train, or leave it out for that of the hub",
    )
