"""How the tests of accuracy are run."""

import pytest

SLOW = "test_accuracy.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole sets are resolved first, so that no worker is left with minutes of one at the end."""
    items.sort(key=lambda item: item.path.name != SLOW)
