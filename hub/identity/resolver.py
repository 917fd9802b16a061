"""Keeps records partitioned into entities while records and decisions come, go and change.

The partition is a function of the records, the decisions and the frozen weights, whatever the order
in which they came: records worth looking at together form neighbourhoods, and each one touched by a
change is resolved anew from its records.

What the resolver knows is rows of a `State`, in memory or in a file, which follows the store of the
truth. Whoever feeds it has three steps for a batch:

1. `apply` (and `settle_some`) say which entities are new; these go into the store's transaction.
2. When the store has committed: `commit(position)`, where `position` says how far the store is.
3. When the store has not: `rollback`, and the resolver is where it was at its last commit.

After a restart `position` is that of the last commit. Everything that changed in the store since is
applied again, in any order: what the resolver has already changes nothing.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hub.identity import evidence
from hub.identity.answers import ByName, Explanation
from hub.identity.cluster import Judge, Possible, Twosome
from hub.identity.copies import Copies
from hub.identity.found import Found
from hub.identity.households import Households
from hub.identity.index import Index
from hub.identity.kind import Kind, Sharing
from hub.identity.linking import Linker, Scale
from hub.identity.naming import Names
from hub.identity.neighbourhoods import Changes, Neighbourhoods
from hub.identity.occurrences import Occurrences, Packing
from hub.identity.person import PERSON
from hub.identity.profile import profile
from hub.identity.progress import Progress
from hub.identity.record import Record
from hub.identity.remembered import Links, Remembered
from hub.identity.repeats import Pairs, Repeats
from hub.identity.scope import EVERYONE, Scope
from hub.identity.state import Blind, MemoryState, State
from hub.identity.sweep import Sweep
from hub.identity.weigh import Model, Weights, load_model, same_weight

PACKED_AT_ONCE = 100_000
FORMAT = 14
"""Of the rows; a state with another one is made anew."""


class Resolver:
    """Records, decisions and the entities they make."""

    def __init__(
        self,
        model: Model | None = None,
        *,
        kind: Kind = PERSON,
        household_rules: bool = True,
        scope: Scope = EVERYONE,
        state: State | None = None,
    ) -> None:
        """Knows what the state holds; one made with another model, kind or rules is cleared.

        `scope` says which agencies' records may be joined.
        """
        self.kind = kind
        self.model = model or load_model(kind)
        self._state: State = state or MemoryState()
        self._household_rules = household_rules
        self._may_link = None if scope.is_everyone else scope.may_link
        blind = Blind(self._state.key)
        tables = self._state.tables
        self.index = Index(kind.strong_keys, blind, tables["postings"], tables["crowds"])
        self._held = Remembered(kind, self._state, blind)
        self._copies = Copies(
            self._held.token_of, self._record_of, tables["contents"], tables["copies"]
        )
        self._neighbourhoods = Neighbourhoods(self._held, self._copies)
        self._linker = Linker(kind.keys, self._held, self.index, self._may_link)
        self._sweep = Sweep(self._held, self._copies, self._neighbourhoods, self._linker)
        self._occurrences = Occurrences(kind, blind, tables["counts"], tables["groups"])
        self._households = Households(kind.homes, blind, tables["homes"], self._record_of)
        self._repeats = Repeats(kind, blind, tables["repeats"])
        self._names_told = Names(kind, blind, tables["repeats"])
        self._made_with = {
            "format": FORMAT,
            "kind": kind.name,
            "model": self.model.version,
            "household_rules": household_rules,
            "scope": scope.as_text(),
            "key": blind.token(("made with",)).hex(),
        }
        told = self._held.progress()
        if told.get("made_with") != self._made_with:
            self._state.clear()
        self._progress = Progress()
        self._decisions: dict[Twosome, bool] = {}
        self._decided: Counter[str] = Counter()
        """How many decisions there are on a record: it stands for itself then."""
        self._restore()

    @property
    def known(self) -> int:
        """How many records there are."""
        return self._progress.known

    @property
    def counted(self) -> int:
        """On how many records the weights are frozen, without copies of others."""
        return self._progress.counted

    @property
    def position(self) -> int:
        """How far the store was at the last commit."""
        return self._progress.position

    @property
    def left_out(self) -> Mapping[Twosome, int]:
        """How many pairs were not compared so far for lack of an agreement, by agencies."""
        return self._linker.left_out

    # changing

    def apply(
        self,
        records: Mapping[str, Record | None],
        decisions: Mapping[Twosome, bool | None] | None = None,
    ) -> Changes:
        """Put records (None: remove them) and decisions (True: the same; None: taken back)."""
        touched: set[int] = set()
        for pair, verdict in (decisions or {}).items():
            self._decide(pair, verdict)
            self._held.put_decision(pair, verdict)
            for name in pair:
                touched |= self._stand(name)
        for name, record in records.items():
            number = self._held.number(name)
            if number is not None:
                if self._held.known(number).record == record:
                    continue
                touched |= self._remove(number)
                touched.discard(number)
            if record is not None:
                touched |= self._put(name, record)
        return self._neighbourhoods.resolve(touched, self._judge)

    def commit(self, position: int) -> None:
        """The store has committed all that was applied, and is at this position."""
        self._progress = self._progress._replace(position=position)
        self._held.put_progress(
            {
                "made_with": self._made_with,
                "progress": list(self._progress),
                "last": self._held.last,
                "cut": self.index.cut,
                "totals": self._occurrences.totals,
                "frozen": list(self._occurrences.frozen),
                "freezes": self._occurrences.freezes,
                "homes": [self._households.at_home, self._households.sharing],
                "repeats": list(self._repeats.pairs),
                "found": list(self._sweep.found),
                "sharing": list(self._names_told.sharing),
                "left_out": [
                    [*agencies, pairs] for agencies, pairs in self._linker.left_out.items()
                ],
            }
        )
        self._state.commit()

    def rollback(self) -> None:
        """The store has not committed: undo everything since the last commit."""
        self._state.rollback()
        self._restore()

    def settle(self) -> Changes:
        """Count the records anew and resolve everything under the new weights."""
        self.begin_settling()
        touched = self._look_at_some(self._held.last)
        if self._progress.shift != self._progress.due_shift:
            self._progress = self._progress._replace(shift=self._progress.due_shift)
            self._judge = self._new_judge()
        return self._neighbourhoods.resolve(touched, self._judge)

    def wants_settling(self, *, under_load: bool) -> bool:
        """Whether all ought to be looked at anew: records are many more, or the threshold moved.

        `under_load`, where others wait to be taken: whether this should be done before they are.
        """
        return self._progress.wants_settling(under_load=under_load)

    @property
    def is_settling(self) -> bool:
        """Whether records are left that have not been looked at under the present weights."""
        return self._progress.is_settling

    @property
    def threshold(self) -> int:
        """What two entities must weigh together to be one, in millibits."""
        return self._judge.threshold

    @property
    def assumptions(self) -> dict[str, bool]:
        """What the present weights take for true of all records."""
        return self._progress.assumptions

    def begin_settling(self) -> None:
        """Freeze the present counts; `settle_some` then takes the records through them."""
        self._occurrences.freeze()
        self._begin_sweep(
            self._progress.telling,
            self._repeats.pairs.weight,
            self._progress.due_shift,
            families=self._households.are_families,
            names_tell_little=self._names_told.tell_little,
        )

    def frozen(self) -> bytes:
        """What the weights are frozen on, so that another resolver can `freeze_as` this one did.

        It holds tokens of values, and of them only those that make a weight differ from its cap.
        """
        packing = self.packing()
        while not packing.is_done:
            packing.some(PACKED_AT_ONCE)
        return packing.data()

    def packing(self) -> Packing:
        """The same, but nothing of it yet: it goes through all counts, which takes a while."""
        fields, totals = self.model.fields, self._occurrences.frozen
        now = self._progress
        told = {
            "counted": now.counted,
            "families": now.families,
            "told_again": now.told_again,
            "shift": now.shift,
            "names_tell_little": now.names_tell_little,
        }
        return self._occurrences.packing(
            json.dumps({**told, "totals": list(totals)}).encode() + b"\n",
            lambda place, often: (
                same_weight(fields[place], often, max(totals[place], fields[place].table.total))
                < fields[place].cap
            ),
        )

    def freeze_as(self, frozen: bytes) -> None:
        """Weigh as another resolver does; `settle_some` then takes the records through it."""
        head, _, rows = frozen.partition(b"\n")
        told = json.loads(head)
        self._occurrences.freeze_as(tuple(told["totals"]), rows)
        self._begin_sweep(
            told["counted"],
            told.get("told_again", 0),
            told.get("shift", 0),
            families=told["families"],
            names_tell_little=told.get("names_tell_little", False),
        )

    def _begin_sweep(
        self,
        counted: int,
        told_again: int,
        shift: int,
        *,
        families: bool,
        names_tell_little: bool,
    ) -> None:
        before = self._progress
        same = (families, names_tell_little) == (before.families, before.names_tell_little)
        self._progress = before._replace(
            turned=before.turned if same else self._occurrences.freezes,
            counted=counted,
            swept=0,
            sweep_end=self._held.last,
            families=families,
            names_tell_little=names_tell_little,
            told_again=told_again,
            shift=shift,
        )
        self._sweep.found = Found()
        self._judge = self._new_judge()

    def settle_some(self, limit: int) -> Changes:
        """Look at so many records again under the present weights, or some more."""
        return self._neighbourhoods.resolve(self._look_at_some(limit), self._judge)

    def _look_at_some(self, limit: int) -> set[int]:
        self._progress, touched = self._sweep.some(self._progress, self._judge, limit)
        return touched

    # asking

    def entity(self, name: str) -> tuple[str, ...]:
        """The records of a record's entity, sorted. Raises KeyError where it is not known."""
        number = self._held.number(name)
        if number is None:
            raise KeyError(name)
        return self._names(self._held.entity(number))

    @property
    def entities(self) -> Mapping[str, tuple[str, ...]]:
        """The entity of each record. To go through all takes as long as there are records."""
        return ByName(self._held, self.entity)

    def clusters(self) -> Iterator[tuple[str, ...]]:
        """Each entity once, as its records in order; takes as long as there are records."""
        return map(self._names, self._held.entities())

    @property
    def records(self) -> Mapping[str, Record]:
        """Each record."""
        return ByName(self._held, self._record)

    def near(self, name: str) -> list[str]:
        """The records that one is compared with. Raises KeyError where it is not known."""
        number = self._held.number(name)
        if number is None:
            raise KeyError(name)
        face = self._copies.face(number)
        faces = [face, *self._linker.near(face)]
        names = (other for one in faces for other in self._names(self._copies.of(one)))
        return [other for other in names if other != name]

    def are_near(self, left: Iterable[str], right: Iterable[str]) -> bool:
        """Whether a record of these and one of those share enough to be looked at together.

        Raises KeyError where one is not known.
        """
        return self._linker.are_near(map(self._record, left), map(self._record, right))

    def possible(self) -> list[Possible]:
        """Pairs of entities that a person may look at."""
        return self._neighbourhoods.possible()

    def explain(self, a: str, b: str) -> Explanation:
        """What speaks for and against two records, or the entities they are in, being one.

        Raises KeyError where a record is not known.
        """
        left, right = self.entity(a), self.entity(b)
        together = left == right
        return self.weigh(*(([a], [b]) if together else (left, right)), together=together)

    def weigh(
        self, left: Iterable[str], right: Iterable[str], *, together: bool = False
    ) -> Explanation:
        """What speaks for and against these records and those, whatever entities they are in.

        Raises KeyError where a record is not known.
        """
        one, other = (
            profile((name, self._record(name)) for name in side) for side in (left, right)
        )
        found = evidence.weigh(self._judge.weights, one, other)
        return Explanation(
            self.model.version,
            together,
            evidence.in_words(found, self.kind.fields),
            found.total,
            self.threshold,
            self._judge.refusal(one, other, found),
        )

    # inside

    def _restore(self) -> None:
        """Be where the state was committed."""
        told: Mapping[str, Any] = self._held.progress()
        self._progress = Progress(*told.get("progress", ()))
        self._held.forget_decoded(told.get("last", 0))
        self.index.cut = told.get("cut", 0)
        none = [0] * len(self.kind.fields)
        self._occurrences.totals = list(told.get("totals", none))
        self._occurrences.frozen = tuple(told.get("frozen", none))
        self._occurrences.freezes = told.get("freezes", 0)
        self._households.at_home, self._households.sharing = told.get("homes", (0, 0))
        self._repeats.pairs = Pairs(*told.get("repeats", ()))
        self._sweep.found = Found(*told.get("found", ()))
        self._names_told.sharing = Sharing(*told.get("sharing", ()))
        self._linker.left_out = Counter({(a, b): pairs for a, b, pairs in told.get("left_out", ())})
        self._decisions = self._held.decisions()
        self._decided = Counter(name for pair in self._decisions for name in pair)
        self._judge = self._new_judge()

    def _name(self, number: int) -> str:
        return self._held.name(number)

    def _names(self, numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(map(self._name, numbers))

    def _record_of(self, number: int) -> Record:
        return self._held.known(number).record

    def _record(self, name: str) -> Record:
        number = self._held.number(name)
        if number is None:
            raise KeyError(name)
        return self._held.known(number).record

    def _new_judge(self) -> Judge:
        now = self._progress
        counts = self._occurrences.counts(
            has_families=now.families, names_tell_little=now.names_tell_little
        )
        weights = Weights(self.kind, self.model, counts)
        threshold = now.prior + self.model.margin
        families = self._household_rules and now.families and not now.names_tell_little
        judge = Judge(
            weights,
            threshold,
            (pair for pair, verdict in self._decisions.items() if verdict),
            (pair for pair, verdict in self._decisions.items() if not verdict),
            household_rules=self._household_rules,
            may_link=self._may_link,
            shift=now.shift,
        )
        self._linker.scale = Scale(
            weights,
            judge.least,
            self._occurrences.freezes,
            self.kind.are_strangers if families else None,
            self._progress.turned,
        )
        return judge

    def _put(self, name: str, record: Record) -> set[int]:
        number = self._held.add(name, record)
        self._progress = self._progress._replace(known=self._progress.known + 1)
        self._names_told.put(record)  # also where it is a copy: one business is told again
        face = number if self._decided[name] else self._copies.put(number, record)
        if face == number:
            return self._show(number, record)
        self._held.put_links(number, Links(0, {}))
        return {number}

    def _show(self, number: int, record: Record) -> set[int]:
        """Let a record be found that stands for itself; those whose links are others now."""
        self._progress = self._progress._replace(telling=self._progress.telling + 1)
        self._occurrences.add(record)
        self._repeats.put(record)
        self._households.put(number, record)
        return self._linker.put(number, record)

    def _remove(self, number: int) -> set[int]:
        """Forget a record; those whose neighbourhoods are others now."""
        for doubt in self._held.possible_of(number):
            self._neighbourhoods.doubt_no_more(doubt)
        touched = {*self._held.entity(number)}
        record = self._record_of(number)
        self._names_told.remove(record)
        is_face = self._copies.face(number) == number
        if is_face:
            touched |= self._linker.unlink(number)
            self._households.remove(number, record)
            self._occurrences.add(record, -1)
            self._repeats.remove(record)
            self._progress = self._progress._replace(telling=self._progress.telling - 1)
        heir = self._copies.remove(number, record)
        self._held.drop(number)
        self._progress = self._progress._replace(known=self._progress.known - 1)
        if is_face:
            touched |= self._linker.remove(number, record)
        if heir is not None:
            touched |= self._show(heir, record)
        touched.discard(number)
        return touched

    def _stand(self, name: str) -> set[int]:
        """Let a record stand for itself if it is decided on; those whose links are others now."""
        number = self._held.number(name)
        if number is None:
            return set()
        record = self._record_of(number)
        if bool(self._decided[name]) != self._copies.is_one_of(number, record):
            return {number}
        entity = self._held.entity(number)
        touched = self._remove(number) | self._put(name, record)
        renumbered = {number: self._held.last}
        self._held.put_entity(tuple(renumbered.get(one, one) for one in entity))
        return touched

    def _decide(self, pair: Twosome, verdict: bool | None) -> None:
        before = self._decisions.pop(pair, None)
        self._decided.update(dict.fromkeys(pair, (verdict is not None) - (before is not None)))
        if before is True:
            self._judge.untie(*pair)
        elif before is False:
            self._judge.unpart(*pair)
        if verdict is not None:
            self._decisions[pair] = verdict
            if verdict:
                self._judge.tie(*pair)
            else:
                self._judge.part(*pair)
