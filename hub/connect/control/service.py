"""Kafka Connect's operations over the hub's connectors: a call in, an answer out, no HTTP.

What a connector's settings are stands in the file beside its worker, often on an agency's side of
the wall, and is not changed from here: an address or a folder given by whoever reaches the control
server would let them read what they like there. What can be asked: a state, a restart, a reset of
the position, and the rate limit. Everything else is refused in Connect's form.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hub import clock
from hub.connect.contract import Connector, Refused
from hub.connect.control import shapes, validate, wanted
from hub.connect.control.board import Board, Seen
from hub.connect.control.told import State
from hub.connect.control.wanted import Target
from hub.connect.positions import Position
from hub.errors import Unavailable

SEEN_WAIT_S = 3.0
RESET_WAIT_S = 8.0
RATE = "rate_records_per_s"
NAME_SHOWN_MAX = 40


class Call(NamedTuple):
    """One call: the connector and the rest of the path, the query, the body's JSON value."""

    name: str = ""
    task: str = ""
    query: Mapping[str, list[str]] = {}
    body: Any = None

    def flag(self, key: str) -> bool:
        """Whether a query parameter says true."""
        return self.query.get(key, [""])[-1].lower() == "true"


class Answer(NamedTuple):
    """A status, a JSON value or nothing, and where a new thing is found."""

    status: int
    body: Any = None
    location: str = ""


class Service:
    """The operations. Each raises Refused, or Unavailable where Kafka is away."""

    def __init__(
        self,
        board: Board,
        ask: Callable[..., None],
        plugins: Mapping[str, Connector],
        positions: Callable[[], Mapping[str, Position]],
        version: str,
    ) -> None:
        """`ask` writes requests, `positions` reads what is remembered of every connector."""
        self._board = board
        self._ask = ask
        self._plugins = plugins
        self._positions = positions
        self._version = version

    # connectors

    def root(self, _: Call) -> Answer:
        """`GET /`."""
        return Answer(200, {"version": self._version, "commit": "", "kafka_cluster_id": ""})

    def health(self, _: Call) -> Answer:
        """`GET /health`."""
        self._board.check()
        return Answer(200, {"status": "healthy", "message": "Kafka answers."})

    def listed(self, call: Call) -> Answer:
        """`GET /connectors`, with `?expand=status` and `?expand=info`."""
        names = self._board.names()
        if "expand" not in call.query:
            self._board.check()
            return Answer(200, names)
        makes: Mapping[str, Callable[[Seen], Any]] = {
            "status": lambda seen: shapes.status(seen, clock.now_us()),
            "info": shapes.info,
        }
        wanted_ = [one for one in call.query["expand"] if one in makes]
        found = {name: self._board.seen(name) for name in names}
        return Answer(
            200, {name: {one: makes[one](seen) for one in wanted_} for name, seen in found.items()}
        )

    def create(self, call: Call) -> Answer:
        """`POST /connectors`: take an installed connector into service."""
        body = _object(call.body)
        name = str(body.get("name") or "").strip()
        if name in self._board.names():
            raise Refused(409, f"Connector {name} already exists")
        target = str(body.get("initial_state") or Target.RUNNING).upper()
        if target not in (Target.RUNNING, Target.PAUSED, Target.STOPPED):
            raise Refused(400, "initial_state is RUNNING, PAUSED or STOPPED")
        return self._create(name, _texts(body.get("config") or {}), Target(target))

    def _create(self, name: str, config: Mapping[str, str], target: Target) -> Answer:
        self._board.check()
        seen = self._board.known(name)
        if name not in self._plugins and seen.told is None:
            kind = config.get("connector.class", name)[:NAME_SHOWN_MAX]
            raise Refused(
                400, f"Failed to find any class that implements Connector and which name is {kind}"
            )
        limit = _limit(seen, config)
        self._ask(wanted.rate(name, limit), wanted.state(name, target))
        self._seen(
            name,
            lambda now: now.wanted.target is target and now.wanted.rate_records_per_s == limit,
        )
        return Answer(201, shapes.info(self._board.known(name)), f"/connectors/{name}")

    def info(self, call: Call) -> Answer:
        """`GET /connectors/NAME`."""
        return Answer(200, shapes.info(self._one(call)))

    def config(self, call: Call) -> Answer:
        """`GET /connectors/NAME/config`."""
        return Answer(200, shapes.config(self._one(call)))

    def put_config(self, call: Call) -> Answer:
        """`PUT /connectors/NAME/config`: without a rate limit the worker's setting holds again."""
        config = _texts(call.body)
        if call.name not in self._board.names():
            return self._create(call.name, config, Target.RUNNING)
        return self._limited(call.name, _limit(self._one(call), config))

    def patch_config(self, call: Call) -> Answer:
        """`PATCH /connectors/NAME/config`: only what is named changes, null takes it back."""
        seen, body = self._one(call), _object(call.body)
        limit = _limit(seen, _texts({key: one for key, one in body.items() if one is not None}))
        if RATE not in body:
            limit = seen.wanted.rate_records_per_s
        return self._limited(call.name, limit)

    def _limited(self, name: str, limit: float | None) -> Answer:
        self._ask(wanted.rate(name, limit))
        self._seen(name, lambda now: now.wanted.rate_records_per_s == limit)
        return Answer(200, shapes.info(self._board.known(name)))

    def delete(self, call: Call) -> Answer:
        """`DELETE /connectors/NAME`: out of service and not listed; the position is kept."""
        self._one(call)
        self._target(call.name, Target.DELETED)
        return Answer(204)

    def status(self, call: Call) -> Answer:
        """`GET /connectors/NAME/status`."""
        seen = self._one(call, f"No status found for connector {call.name}")
        return Answer(200, shapes.status(seen, clock.now_us()))

    def pause(self, call: Call) -> Answer:
        """`PUT /connectors/NAME/pause`."""
        return self._changed(call, Target.PAUSED)

    def resume(self, call: Call) -> Answer:
        """`PUT /connectors/NAME/resume`."""
        return self._changed(call, Target.RUNNING)

    def stop(self, call: Call) -> Answer:
        """`PUT /connectors/NAME/stop`."""
        self._changed(call, Target.STOPPED)
        return Answer(204)

    def _changed(self, call: Call, target: Target) -> Answer:
        self._one(call)
        self._target(call.name, target)
        return Answer(202)

    def _target(self, name: str, target: Target) -> None:
        self._ask(wanted.state(name, target))
        self._seen(name, lambda now: now.wanted.target is target)

    def restart(self, call: Call) -> Answer:
        """`POST /connectors/NAME/restart?includeTasks&onlyFailed`."""
        self._restart(call)
        if not call.flag("includeTasks") and not call.flag("onlyFailed"):
            return Answer(204)
        return Answer(202, shapes.status(self._board.known(call.name), clock.now_us()))

    def restart_task(self, call: Call) -> Answer:
        """`POST /connectors/NAME/tasks/0/restart`: the task is the connector."""
        _task(call, f"Unknown task: {call.name}-")
        self._restart(call)
        return Answer(204)

    def _restart(self, call: Call) -> None:
        before = self._one(call).wanted.restart
        self._ask(wanted.restart(call.name, only_failed=call.flag("onlyFailed")))
        self._seen(call.name, lambda now: now.wanted.restart > before)

    def tasks(self, call: Call) -> Answer:
        """`GET /connectors/NAME/tasks`."""
        seen = self._one(call)
        config = shapes.config(seen)
        return Answer(200, [{"id": one, "config": config} for one in shapes.info(seen)["tasks"]])

    def task_status(self, call: Call) -> Answer:
        """`GET /connectors/NAME/tasks/0/status`."""
        _task(call, f"No status found for task {call.name}-")
        return Answer(200, shapes.task(self._one(call), clock.now_us()))

    def topics(self, call: Call) -> Answer:
        """`GET /connectors/NAME/topics`."""
        told = self._one(call).told
        return Answer(200, {call.name: {"topics": [] if told is None else list(told.topics)}})

    # offsets

    def offsets(self, call: Call) -> Answer:
        """`GET /connectors/NAME/offsets`: the connector's own text, opaque to everybody else."""
        self._one(call)
        position = self._positions().get(call.name, Position()).text
        told = {"partition": {"connector": call.name}, "offset": {"position": position}}
        return Answer(200, {"offsets": [] if position is None else [told]})

    def reset_offsets(self, call: Call) -> Answer:
        """`DELETE /connectors/NAME/offsets`: everything is read again, and changes nothing twice.

        The worker that holds the lease does it: nobody else ever writes a position.
        """
        seen = self._one(call)
        if shapes.judged(seen, clock.now_us()).state is not State.STOPPED:
            raise Refused(
                400,
                "Connectors must be in the STOPPED state before their offsets can be modified. "
                "This can be done for the specified connector by issuing a 'PUT' request to the "
                f"'/connectors/{call.name}/stop' endpoint",
            )
        before = seen.wanted.reset
        self._ask(wanted.reset(call.name))
        if not self._board.until(lambda: self._is_reset(call.name, before), RESET_WAIT_S):
            raise Unavailable(
                "the worker has not said that it forgot the position",
                remedy="look at the connector's status and offsets",
            )
        message = "The offsets for this connector have been reset successfully"
        return Answer(200, {"message": message})

    def _is_reset(self, name: str, before: int) -> bool:
        now = self._board.known(name)
        asked = now.wanted.reset
        return asked > before and now.told is not None and now.told.reset_done >= asked

    def alter_offsets(self, call: Call) -> Answer:
        """`PATCH /connectors/NAME/offsets` is refused: a wrong position leaves records out."""
        self._one(call)
        raise Refused(
            400,
            "A position is the connector's own text and cannot be set: another one could leave "
            "records out. DELETE makes the connector read everything again, which is harmless",
        )

    # plugins

    def plugins(self, _: Call) -> Answer:
        """`GET /connector-plugins`."""
        return Answer(
            200,
            [
                {"class": name, "type": "source", "version": self._version}
                for name in sorted(self._plugins)
            ],
        )

    def definitions(self, call: Call) -> Answer:
        """`GET /connector-plugins/TYPE/config`."""
        declared = validate.declared(self._plugin(call.name))
        return Answer(200, [one.definition(order) for order, one in enumerate(declared, 1)])

    def validate(self, call: Call) -> Answer:
        """`PUT /connector-plugins/TYPE/config/validate`."""
        return Answer(200, validate.validated(self._plugin(call.name), _texts(call.body)))

    def _plugin(self, name: str) -> Connector:
        if name not in self._plugins:
            raise Refused(404, f"Connector plugin {name} not found")
        return self._plugins[name]

    def _one(self, call: Call, otherwise: str = "") -> Seen:
        if call.name not in self._board.names():
            self._board.check()
            raise Refused(404, otherwise or f"Connector {call.name} not found")
        return self._board.seen(call.name)

    def _seen(self, name: str, holds: Callable[[Seen], bool]) -> None:
        """Wait until what was asked is seen, so that whoever asks next sees it too."""
        if not self._board.until(lambda: holds(self._board.known(name)), SEEN_WAIT_S):
            raise Unavailable(
                "the request is on Kafka and was not seen in time", remedy="look again"
            )


def _object(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise Refused(400, "the body is a JSON object")
    return body


def _texts(body: Any) -> Mapping[str, str]:
    try:
        return {key: validate.text_of(value) for key, value in _object(body).items()}
    except ValueError as error:
        raise Refused(400, str(error)) from error


def _task(call: Call, otherwise: str) -> None:
    if call.task != "0":
        raise Refused(404, otherwise + call.task[:NAME_SHOWN_MAX])


def _limit(seen: Seen, config: Mapping[str, str]) -> float | None:
    """The rate limit a configuration asks for; None where it says nothing of it.

    Raises Refused where it wants to change anything else. What was shown may be sent back.
    """
    now = shapes.config(seen)
    if (named := config.get("name", seen.name)) != seen.name:
        told = named[:NAME_SHOWN_MAX]
        raise Refused(
            400,
            f"Connector name configuration ({told}) doesn't match connector name ({seen.name})",
        )
    wrong = [
        f"{key[:NAME_SHOWN_MAX]} is set in the settings file beside the worker, not here"
        for key, value in config.items()
        if key != RATE and now.get(key) != value
    ]
    limit = None
    if RATE in config:
        try:
            limit = wanted.checked_rate(config[RATE])
        except ValueError:
            wrong.append(f"{RATE} is 0, or {wanted.RATE_MIN_PER_S} and more")
    if wrong:
        count = f"contains the following {len(wrong)} error(s)"
        raise Refused(400, f"Connector configuration is invalid and {count}:\n" + "\n".join(wrong))
    return limit
