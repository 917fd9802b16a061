"""What keeps two groups of records apart always, whatever they are of and whatever else agrees."""

from collections.abc import Callable

from hub.identity.profile import Profile
from hub.identity.schemes import scheme

MayLink = Callable[[str, str], bool]
"""Whether the records of two agencies may be linked: their agreements, as a function."""
NO_AGREEMENT = "no_agreement"
OTHER_VERIFIED = "other_verified_identifier"
TOO_MANY = "too_many_records"
"""The alarm of an entity that would have more records than any person or organisation has."""
RECORDS_MAX = 400
"""Of persons and of organisations, not counting those that tell the same as another.

A chain with more is in parts that a person may look at.
"""


def veto(a: Profile, b: Profile, may_link: MayLink | None) -> str | None:
    """The name of what forbids to join two profiles; None where nothing does."""
    if not may_be_linked(a, b, may_link):
        return NO_AGREEMENT
    if verified_otherwise(a, b):
        return OTHER_VERIFIED
    if a.telling + b.telling > RECORDS_MAX:
        return TOO_MANY
    return None


def may_be_linked(a: Profile, b: Profile, may_link: MayLink | None) -> bool:
    """Whether every agency of one may be linked with every agency of the other."""
    return may_link is None or all(may_link(x, y) for x in {*a.agencies} for y in {*b.agencies})


def verified_otherwise(a: Profile, b: Profile) -> bool:
    """Whether both have verified identifiers of a scheme that gives but one, none in common."""
    if not a.verified or not b.verified:
        return False
    shared = {name for name, _ in a.verified} & {name for name, _ in b.verified}
    common = {name for name, _ in {*a.verified} & {*b.verified}}
    return any(scheme(name).exclusive for name in shared - common)
