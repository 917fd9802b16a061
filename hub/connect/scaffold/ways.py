"""The ways records of a sample may come in: the mapping's source, and how samples are served.

A sample file shows what records are; which system sends them only a person knows. Options that no
sample can show (a path, a parameter, a table) are guesses to be looked at.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from hub.connect.scaffold.kinds import Kind
from hub.connect.scaffold.plan import Plan
from hub.connect.sources.shapes import Csv, Json
from hub.errors import SettingsError

FILES = "files"
"""Sources that look for a record's key in its own fields alone, not in tables inside of it."""
TOKEN = "a-token-for-samples-only"  # noqa: S105 - what samples are sent with
SINCE = "updated_since"
HEAD = "# How the samples are served to the conformance suite.\n"
FOLDER = f"""{HEAD}files = ["*{{suffix}}"]
[settings]
folder = "."
"""
RECORDS = f'{HEAD}serve = "records"\nfiles = ["*.json"]\n'
CALLS = f"""{HEAD}serve = "calls"
files = ["*.json"]
[settings]
token_file = "sender.token"
[headers]
authorization = "Bearer {TOKEN}"
"""
HTTP = f"""{HEAD}serve = "http"
files = ["*.json"]
[http]
since = "{SINCE}"
changed = "{{changed}}"
items = "{{items}}"
[settings]
base_url = "{{{{url}}}}"
page_size = 5
"""


class Coming(NamedTuple):
    """A plan whose records come in another way, and the text that says how samples are served."""

    plan: Plan
    served: str
    calls: bool = False


def coming(plan: Plan, source: str) -> Coming:
    """The plan with this kind of source.

    Raises SettingsError where the sample cannot come that way.
    """
    return WAYS[source](plan)


def _files(plan: Plan) -> Coming:
    return Coming(plan, FOLDER.format(suffix=plan.sample.suffix))


def _sftp(plan: Plan) -> Coming:
    return _records(plan, {"sftp": plan.sample.source[FILES]}, flat=plan.sample.flat)


def _snapshots(plan: Plan) -> Coming:
    shape = plan.sample.shape
    if not isinstance(shape, Csv):
        raise _cannot("snapshots that are compared are CSV files", "use --source files")
    source = {"csv_snapshots": {"key": _columns(plan), **shape.dialect.told()}}
    return _files(plan._replace(sample=plan.sample._replace(source=source)))


def _amqp(plan: Plan) -> Coming:
    _needs_version(plan)
    return _records(plan, {"amqp": {}}, flat=False)


def _webhook(plan: Plan) -> Coming:
    _needs_version(plan)
    made = _records(plan, {"webhook": {"caller": "bearer"}}, flat=False)
    return made._replace(served=CALLS, calls=True)


def _rest(plan: Plan) -> Coming:
    (key, *others), version, shape = plan.key, plan.version, plan.sample.shape
    timed = version is not None and version.looked.kind in (Kind.TIME, Kind.EPOCH)
    read = [one for one in (key, version) if one is not None and _is_single(one.field.steps)]
    if version is None or not timed or others or len(read) < len((key, version)):
        raise _cannot(
            "a list is asked for what changed: its records need one key and a time of the last"
            " change, in no list inside",
            "use --source files, or write the source by hand",
        )
    changed, items = version.field.path, shape.member if isinstance(shape, Json) else ""
    source: dict[str, Any] = {
        "path": f"/{plan.name}",
        "identifier": key.field.path,
        "changed": changed,
        "since": SINCE,
    }
    if items:
        source["items"] = items
    made = _records(plan, {"rest": source}, flat=False)
    return made._replace(served=HTTP.format(changed=changed, items=items))


def _is_single(steps: Sequence[str]) -> bool:
    return not any(step.isdecimal() or "." in step for step in steps)


def _sql(plan: Plan) -> Coming:
    version = plan.version
    if version is None:
        raise _cannot(
            "a table is polled by a column that grows with each change, and the sample has none",
            "use --source postgres_log, or --source files",
        )
    _needs_flat(plan)
    table = {"table": plan.name, "changed": version.field.path, "key": _columns(plan)}
    return _records(plan, {"sql_polling": table}, flat=True)


def _postgres(plan: Plan) -> Coming:
    _needs_flat(plan)
    if len(plan.key) > 1:
        raise _cannot("a table is read from its log by one key column", "name it with --key")
    source = {"postgres_log": {"tables": {plan.name: plan.key[0].field.path}}}
    return _records(plan, source, flat=True)


def _records(plan: Plan, source: Mapping[str, Any], *, flat: bool) -> Coming:
    """A source whose samples are bare records, in JSON."""
    sample = plan.sample._replace(source=source, shape=Json(), suffix=".json", flat=flat)
    return Coming(plan._replace(sample=sample), RECORDS)


def _columns(plan: Plan) -> Any:
    names = [one.field.path for one in plan.key]
    return names[0] if len(names) == 1 else names


def _needs_flat(plan: Plan) -> None:
    if any(len(one.field.steps) > 1 for one in plan.guesses):
        raise _cannot("a row of a database has columns alone", "give a sample of its rows")


def _needs_version(plan: Plan) -> None:
    if plan.version is None:
        raise _cannot(
            "such a source does not know which state of a record is later, and no field of the"
            " sample tells",
            "have the system send when a record was changed last, or a number of its state",
        )


def _cannot(what: str, remedy: str) -> SettingsError:
    return SettingsError(what, remedy=remedy)


WAYS: Mapping[str, Callable[[Plan], Coming]] = {
    FILES: _files,
    "sftp": _sftp,
    "csv_snapshots": _snapshots,
    "rest": _rest,
    "webhook": _webhook,
    "amqp": _amqp,
    "sql_polling": _sql,
    "postgres_log": _postgres,
}
