"""Time, identifiers and chance: the only door through which they enter.

Rules take these as arguments; edges call this module. A test that needs another time passes it.
"""

import random
import secrets
import time


def now_us() -> int:
    """Microseconds since 1970-01-01 UTC, by the machine's clock."""
    return time.time_ns() // 1_000


def monotonic_s() -> float:
    """Seconds on a clock that never goes back; only differences mean something."""
    return time.monotonic()


def sleep_s(seconds: float) -> None:
    """Wait, at most as long as the caller's own limit says."""
    time.sleep(seconds)


def random_token(length_bytes: int = 16) -> str:
    """A hexadecimal token nobody can guess, for secrets and names of test runs."""
    return secrets.token_hex(length_bytes)


def jitter(seconds: float, share: float = 0.2) -> float:
    """The same duration, up to `share` longer or shorter, so that retries do not march in step."""
    return seconds * (1 + random.uniform(-share, share))  # noqa: S311 - not for secrets
