"""The files of a connector: mapping, recorded samples with their events, README, test, package."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from hub.connect import mapping
from hub.connect.conformance import reading, recorded
from hub.connect.conformance.samples import subject
from hub.connect.contract import Connector
from hub.connect.scaffold.document import Place, document, text
from hub.connect.scaffold.plan import Plan
from hub.connect.scaffold.pseudonyms import Faker
from hub.connect.scaffold.readme import readme
from hub.connect.scaffold.ways import FILES, TOKEN, coming
from hub.connect.sources.encodings import UTF_8
from hub.connect.sources.shapes import Csv, Json
from hub.connect.sources.xml_records import Xml
from hub.errors import SettingsError

RECORDED_MAX = 40
DATED = "2026-01-01"
TEST = '''"""The connector keeps the contract of the hub."""

from pathlib import Path

from hub.connect import mapping
from hub.connect.conformance.pytest import conformance

HERE = Path(__file__).parent{home}
CONNECTOR = mapping.load(HERE / "mapping.yaml")

Test{title} = conformance(CONNECTOR, samples=HERE / "samples")
'''
PYPROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{dashed}"
version = "0.1.0"
description = "A connector of the civic integration hub."
requires-python = ">=3.11"
dependencies = ["civic-hub"]

[project.optional-dependencies]
test = ["pytest"]

[project.entry-points."hub.connectors"]
{name} = "{package}:mapping.yaml"

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""


class Wanted(NamedTuple):
    """How a connector is written: where its system is, as what, with whose values."""

    place: Place
    package: bool = False
    keep_values: bool = False
    source: str = FILES


def files(plan: Plan, wanted: Wanted) -> dict[str, str]:
    """The text of each file by its path below the connector's own folder, events left out.

    Raises SettingsError where the sample's records cannot come in by the source that is wanted.
    """
    plan, served, calls = coming(plan, wanted.source)
    package = f"civic_{plan.name}"
    home = f"{package}/" if wanted.package else ""
    parts = document(plan, wanted.place)
    comment = "Written from a sample by `hub connector new`: README.md says what to look at."
    sample = f"{DATED}{plan.sample.suffix}"
    told = sample_text(plan, keep_values=wanted.keep_values, calls=calls)
    made = {
        f"{home}mapping.yaml": text(parts, comment),
        f"{home}samples/{sample}": told,
        f"{home}samples/{plan.name}.toml": served,
        "README.md": readme(plan, parts, keep_values=wanted.keep_values, package=wanted.package),
    }
    if calls:
        made[f"{home}samples/sender.token"] = f"{TOKEN}\n"
    title = "".join(word.title() for word in plan.name.split("_"))
    if not wanted.package:
        return {**made, f"test_{plan.name}.py": TEST.format(home="", title=title)}
    names = {"name": plan.name, "package": package, "dashed": package.replace("_", "-")}
    return {
        **made,
        f"tests/test_{plan.name}.py": TEST.format(home=f'.parent / "{package}"', title=title),
        f"{home}__init__.py": f'"""The connector {plan.name}."""\n',
        "pyproject.toml": PYPROJECT.format(**names),
    }


def write(folder: Path, made: Mapping[str, str], plan: Plan) -> int:
    """Write the files and the events their samples mean; how many events there are.

    Raises SettingsError where the folder cannot be written.
    """
    try:
        for name, content in made.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding=_encoding(path, plan), newline="")
    except OSError as error:
        raise SettingsError(
            f"{folder} cannot be written ({error.strerror})", remedy="name another with --into"
        ) from error
    at = next(folder.glob("*/mapping.yaml"), folder / "mapping.yaml")
    connector = load(at)
    told = reading.whole(subject(connector, at.parent / "samples"))
    drafts = [draft for one in told for draft in one.drafts]
    return recorded.write(at.parent / "samples" / f"{plan.name}.expected.json", drafts)


def _encoding(path: Path, plan: Plan) -> str:
    """That of the sample for what is recorded of it as a table; UTF-8 for all else."""
    shape = plan.sample.shape
    recorded = path.parent.name == "samples" and path.suffix == plan.sample.suffix
    return shape.encoding if recorded and isinstance(shape, Csv) else UTF_8


def load(path: Path) -> Connector:
    """The connector just written. A mapping that does not load is a fault of the scaffold."""
    return mapping.load(path)


def sample_text(plan: Plan, *, keep_values: bool, calls: bool = False) -> str:
    """The sample's first records as a file of the same shape, or as calls that bring them."""
    sample, faker = plan.sample, Faker(plan)
    kept = sample.records[:RECORDED_MAX]
    records: list[Any] = [
        dict(one) if keep_values else faker.record(one, flat=sample.flat) for one in kept
    ]
    shape = sample.shape
    if isinstance(shape, Csv):
        return _csv(records, shape.delimiter)
    if isinstance(shape, Xml):
        inside = "\n".join(f"  {_xml(shape.record, one)}" for one in records)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<records>\n{inside}\n</records>\n'
    told = [{"path": "", "body": one} for one in records] if calls else records
    lines = [json.dumps(one, ensure_ascii=False, default=float) for one in told]
    if not isinstance(shape, Json):
        return "".join(f"{line}\n" for line in lines)
    listed = "[\n" + ",\n".join(lines) + "\n]"
    for name in reversed(shape.member.split(".") if shape.member else ()):
        listed = f"{{{json.dumps(name)}: {listed}}}"
    return f"[{listed}]\n" if shape.pages else f"{listed}\n"


def _csv(records: Sequence[Mapping[str, Any]], delimiter: str) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(records[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue()


def _xml(name: str, value: Any) -> str:
    """A field map as the element it was read from."""
    if not isinstance(value, Mapping):
        return f"<{name}>{escape('' if value is None else str(value))}</{name}>"
    attributes, inside = "", ""
    for key, inner in value.items():
        if key.startswith("@"):
            attributes += f" {key[1:]}={quoteattr(str(inner))}"
        elif key == "#text":
            inside += escape(str(inner))
        else:
            for one in inner if isinstance(inner, list | tuple) else [inner]:
                inside += _xml(key, one)
    return f"<{name}{attributes}>{inside}</{name}>"
