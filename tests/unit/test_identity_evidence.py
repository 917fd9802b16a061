"""Evidence: what several fields weigh together that a home shares."""

from typing import Any

import pytest

from hub.identity.evidence import weigh, weigh_records
from hub.identity.person import PERSON
from hub.identity.profile import Profile
from hub.identity.record import Address, Name, PersonRecord
from hub.identity.weigh import Counts, Weights, load_model

MODEL = load_model(PERSON)
NAMED = PersonRecord(names=(Name(("ann",), ("lee",)),))


def weighed(ours: dict[str, Any], theirs: dict[str, Any], *, has_families: bool) -> int:
    """What two of one name weigh that tell these of home, without what the name weighs."""
    none = ({},) * len(PERSON.fields)
    weights = Weights(PERSON, MODEL, Counts(none, (0,) * len(none), has_families))
    one, other = NAMED._replace(**ours), NAMED._replace(**theirs)
    total = weigh_records(weights, one, other)
    assert total == weigh(weights, Profile("", one), Profile("", other)).total
    return total - weigh_records(weights, NAMED, NAMED)


@pytest.mark.parametrize("has_families", [True, False])
def test_a_contradiction_beside_an_agreement_is_damped_half_as_much(*, has_families: bool) -> None:
    """Another address in one town counts half-way to full; in another town as one that moved."""
    share = MODEL.damped_share if has_families else MODEL.apart_share
    town, postcode = {"places": ("leeds",)}, {"postcodes": ("20001",)}
    mill, oak = ({"addresses": (Address("9", street),)} for street in ("mill ln", "oak st"))

    def alone(ours: dict[str, Any], theirs: dict[str, Any]) -> int:
        return weighed(ours, theirs, has_families=has_families)

    agree, contradict = alone(town, town), alone(mill, oak)
    assert agree > 0 > contradict
    found = alone({**town, **mill}, {**town, **oak})
    assert found == (10 * agree + contradict * share + contradict * (10 - share) // 2) // 10
    assert found < agree + contradict * share / 10
    elsewhere, far = {"places": ("york",)}, alone(town, {"places": ("york",)})
    moved = alone({**town, **mill}, {**elsewhere, **oak})
    assert moved == (10 * max(far, contradict) + min(far, contradict) * share) // 10
    both = alone({**town, **postcode}, {**town, **postcode})
    post = alone(postcode, postcode)
    assert both == (10 * max(agree, post) + min(agree, post) * share) // 10
