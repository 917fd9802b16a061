"""Why entities were merged or split, in words for `civic.identity`: fields and rules, no values."""

from hub.canon.model import IdentityChangeKind
from hub.processor.memory import Memory

DECIDED = "a steward's decision"
UNTIED = "nothing ties it to the others any more"


def of(memory: Memory, kind: IdentityChangeKind, one: str, other: str) -> str:
    """The reason of a merge of two subjects, or of their split."""
    pair = (min(one, other), max(one, other))
    merged = kind is IdentityChangeKind.MERGED
    if memory.verdict(pair) is merged:
        return DECIDED
    resolver = memory.resolver_of(one)
    if resolver is None:
        return UNTIED
    try:
        found = resolver.explain(one, other)
    except KeyError:  # one of the two claims nothing any more
        return UNTIED
    if not merged:
        return UNTIED if found.refusal is None else f"{UNTIED}: {found.refusal}"
    fields = sorted((-weight, name) for name, weight in found.fields.items() if weight > 0)
    return f"{found.model}: {', '.join(name for _, name in fields) or 'through others'}"
