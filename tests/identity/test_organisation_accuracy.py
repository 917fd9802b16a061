"""Accuracy on businesses, under one frozen model: a drop fails. The account is never told."""

import organisation_sets
import pytest

from hub.identity.evaluate import evaluate
from hub.identity.organisation import ORGANISATION
from hub.identity.resolver import Resolver

pytestmark = pytest.mark.timeout(240)
CHICAGO_LEAST = {
    "as it is": 0.995,
    "typos": 0.970,
    "abbreviated": 0.985,
    "trade name only": 0.980,
    "moved": 0.995,
    "one field": 0.995,
    "missing": 0.975,
    "mixed": 0.890,
}


def f1(told: list[organisation_sets.Told]) -> float:
    """The pairwise F1 of the records, one at a time in an order as if by chance."""
    found = evaluate(organisation_sets.dataset(told), Resolver(kind=ORGANISATION), seed=0)
    return found.accuracy.pairs.f1


@pytest.mark.parametrize("variant", CHICAGO_LEAST)
def test_chicago_licences(variant: str) -> None:
    """Licences of one street, as they are and damaged."""
    told = organisation_sets.chicago()
    if told is None:
        pytest.skip("the shared samples are not there")
    damaged = dict(organisation_sets.variants(told))[variant]
    assert f1(damaged) >= CHICAGO_LEAST[variant]


def test_made_town() -> None:
    """Franchises, successors, groups, a landlord's house and an agent's telephone."""
    assert f1(organisation_sets.made()) >= 0.970
