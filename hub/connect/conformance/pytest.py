"""The conformance suite as a test class, for the tests of whoever wrote a connector."""

from pathlib import Path
from typing import Any

import pytest

from hub.connect.conformance.outcome import Check, Outcome
from hub.connect.conformance.samples import subject
from hub.connect.conformance.stand import Stand
from hub.connect.conformance.suite import CHECKS, run
from hub.connect.contract import Connector


def conformance(connector: Connector, samples: str | Path, stand: Stand | None = None) -> Any:
    """A test class with one test for each check.

    `samples` is the folder `hub.connect.conformance.samples` describes; `stand` serves them where
    none of the stands that a folder can name does.
    """
    examined = subject(connector, Path(samples), stand)

    class TestConformance:
        """The connector keeps the contract."""

        @pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
        def test_keeps(self, check: Check) -> None:
            """What the check proves holds."""
            found = run(check, examined)
            if found.outcome is Outcome.SKIPPED:
                pytest.skip(found.what)
            assert found.outcome is Outcome.PASSED, (  # noqa: S101 - this is a test
                f"{check.proves}: {found.what} ({found.where}). {found.remedy}"
            )

    return TestConformance
