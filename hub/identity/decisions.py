"""Stewards' decisions: which pairs of subjects must be one, and which must not.

Pure. A decision is proposed by one steward and counts once enough different ones have approved it
(who proposes approves); as many take it back. Of decisions about one pair the latest counts. What
counts is a function of the set of messages, whatever their order.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from hub.canon.model import DecisionKind, StewardDecision
from hub.canon.model import Subject as Kind
from hub.errors import DecodeError
from hub.identity.cluster import Twosome
from hub.identity.subjects import derived

SUBJECTS_MAX = 5_000
PAIRS_MAX = 20_000
REASON_MAX = 2_000
STEWARD_MAX = 200
PROPOSALS = (DecisionKind.SAME, DecisionKind.NOT_SAME)
Verdicts = Mapping[Twosome, bool | None]


class Standing(NamedTuple):
    """How a decision stands: its proposal, who approved it, and who takes it back."""

    proposal: StewardDecision | None
    approvers: tuple[str, ...]
    undoers: tuple[str, ...]

    def counts(self, approvers: int) -> bool:
        """Whether it counts where so many stewards are needed."""
        return (
            self.proposal is not None
            and len(self.approvers) >= approvers
            and len(self.undoers) < approvers
        )


def standing_of(messages: Iterable[StewardDecision]) -> Standing:
    """How a decision stands after all that was said to it."""
    held = sorted(messages, key=lambda one: (one.decided_at, one.event_id))
    proposal = next((one for one in held if one.kind in PROPOSALS), None)
    approving = {one.steward for one in held if one.kind is DecisionKind.APPROVE}
    if proposal is not None:
        approving.add(proposal.steward)
    undoing = {one.steward for one in held if one.kind is DecisionKind.UNDO}
    return Standing(proposal, tuple(sorted(approving)), tuple(sorted(undoing)))


def propose(
    kind: DecisionKind,
    subject: Kind,
    sides: tuple[Iterable[str], Iterable[str]],
    steward: str,
    reason: str,
    decided_at: int,
) -> StewardDecision:
    """A proposal that all of both sides are one, or that none of one side is one with the other."""
    left, right = (tuple(sorted(set(side))) for side in sides)
    decision_id = _decision_id(kind, subject, left, right, decided_at)
    event_id = derived("steward", decision_id, kind, steward)
    return StewardDecision(
        event_id, decision_id, kind, subject, left, right, steward, reason, decided_at
    )


def answer(
    proposal: StewardDecision, kind: DecisionKind, steward: str, reason: str, decided_at: int
) -> StewardDecision:
    """What another steward says to a proposal: approve or undo."""
    event_id = derived("steward", proposal.decision_id, kind, steward)
    return StewardDecision(
        event_id,
        proposal.decision_id,
        kind,
        proposal.subject,
        (),
        (),
        steward,
        reason,
        decided_at,
    )


def _decision_id(
    kind: DecisionKind,
    subject: Kind,
    left: tuple[str, ...],
    right: tuple[str, ...],
    decided_at: int,
) -> str:
    return derived("decision", kind, subject, str(decided_at), *left, "", *right)


def check(decision: StewardDecision) -> StewardDecision:
    """The decision, if it is one. Raises DecodeError E-DECISION naming the rule it breaks."""
    proposal = decision.kind in PROPOSALS
    left, right = set(decision.left), set(decision.right)
    rules = {
        "a known kind": decision.kind is not DecisionKind.UNKNOWN,
        "about persons or organisations": decision.subject is not Kind.UNKNOWN,
        "a steward": 0 < len(decision.steward.strip()) <= STEWARD_MAX,
        "a reason": 0 < len(decision.reason.strip()) <= REASON_MAX,
        "subjects where something is proposed, else none": proposal == bool(left),
        "two sides that do not meet": not left & right
        and (bool(right) or decision.kind is not DecisionKind.NOT_SAME),
        "at least two subjects": not proposal or len(left | right) > 1,
        "an identifier derived from what is proposed": not proposal
        or decision.decision_id
        == _decision_id(
            decision.kind, decision.subject, decision.left, decision.right, decision.decided_at
        ),
        f"at most {SUBJECTS_MAX} subjects": len(left | right) <= SUBJECTS_MAX,
        f"at most {PAIRS_MAX} pairs": len(left) * len(right) <= PAIRS_MAX
        or decision.kind is DecisionKind.SAME,
    }
    for rule, holds in rules.items():
        if not holds:
            raise DecodeError(
                "not a decision the hub can keep",
                code="E-DECISION",
                rule=rule,
                remedy="decide again with: hub identity",
            )
    return decision


def pairs(proposal: StewardDecision) -> list[Twosome]:
    """The pairs of subjects a proposal is about: same ties all to one, not_same parts the sides."""
    if proposal.kind is DecisionKind.SAME:
        first, *rest = sorted({*proposal.left, *proposal.right})
        return [(first, other) for other in rest]
    return sorted({(min(a, b), max(a, b)) for a in proposal.left for b in proposal.right})


class Docket:
    """All decisions of one kind of entity; `put` and `remove` tell what changes by it."""

    def __init__(self, approvers: int) -> None:
        """Empty. A decision counts when so many different stewards approved it."""
        self._approvers = approvers
        self._messages: dict[str, dict[str, StewardDecision]] = {}
        self._about: dict[Twosome, set[str]] = {}

    def put(self, messages: Iterable[StewardDecision]) -> Verdicts:
        """Add messages; the verdict on each pair concerned (None: undecided)."""
        return self._change(messages, self._add)

    def remove(self, messages: Iterable[StewardDecision]) -> Verdicts:
        """Forget messages, as if they had never come."""
        return self._change(messages, self._drop)

    def standing(self, decision_id: str) -> Standing:
        """How a decision stands."""
        return standing_of(self._messages.get(decision_id, {}).values())

    def verdict(self, pair: Twosome) -> bool | None:
        """Whether two subjects (the smaller first) are decided to be one; None where undecided."""
        latest: StewardDecision | None = None
        for decision_id in self._about.get(pair, ()):
            standing = self.standing(decision_id)
            one = standing.proposal
            if one is None or not standing.counts(self._approvers):
                continue
            if latest is None or _order(one) > _order(latest):
                latest = one
        return None if latest is None else latest.kind is DecisionKind.SAME

    def _change(
        self, messages: Iterable[StewardDecision], how: Callable[[StewardDecision], None]
    ) -> Verdicts:
        concerned: set[Twosome] = set()
        for message in messages:
            concerned |= self._pairs(message.decision_id)
            how(message)
            concerned |= self._pairs(message.decision_id)
        return {pair: self.verdict(pair) for pair in sorted(concerned)}

    def _pairs(self, decision_id: str) -> set[Twosome]:
        proposal = self.standing(decision_id).proposal
        return set() if proposal is None else set(pairs(proposal))

    def _add(self, message: StewardDecision) -> None:
        self._messages.setdefault(message.decision_id, {})[message.event_id] = message
        if message.kind in PROPOSALS:
            for pair in pairs(message):
                self._about.setdefault(pair, set()).add(message.decision_id)

    def _drop(self, message: StewardDecision) -> None:
        held = self._messages.get(message.decision_id, {})
        held.pop(message.event_id, None)
        left = {pair for one in held.values() if one.kind in PROPOSALS for pair in pairs(one)}
        for pair in set(pairs(message)) - left if message.kind in PROPOSALS else ():
            self._about.get(pair, set()).discard(message.decision_id)


def _order(proposal: StewardDecision) -> tuple[int, str]:
    return proposal.decided_at, proposal.decision_id
