"""The commands of a guide, as they stand in it."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```bash ?([a-z-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    """The mark and the text of each block of commands in a page of docs/guides."""
    return BLOCK.findall((ROOT / "docs" / "guides" / page).read_text(encoding="utf-8"))


def execute(text: str, folder: Path, timeout_s: float = 120.0) -> str:
    """Run commands as a person would, in a folder; what they said. Fails where one of them does."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = ("CIVIC_", "COLUMNS", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env={**kept, "PATH": path},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout
