"""The pages: generated ones are fresh, links lead somewhere, named commands and files exist."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
import typer.main

from hub.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GROUP = typer.main.get_command(app)


def leaf(words: list[str]) -> click.Command | None:
    """The command that these words name, as far as they name one."""
    command: click.Command = GROUP
    for word in words:
        inner = getattr(command, "commands", {})
        if word not in inner:
            break
        command = inner[word]
    return None if command is GROUP else command


def test_reference_pages_are_fresh() -> None:
    """`docs/reference` says what the code declares now."""
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file or folder that is there."""
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_commands_exist(page: Path) -> None:
    """Every `hub ...` a page names is a command, and its options are options of it."""
    text = re.sub(r"\.venv/bin/", "", page.read_text())
    for line in re.findall(r"(?:^|`)hub ((?:[a-z-]+ ?)+[^`\n#]*)", text, re.MULTILINE):
        words = line.split()
        command = leaf(words)
        assert command is not None, f"{page.name}: hub {line}"
        known = {option for param in command.params for option in param.opts} | {"--help"}
        for word in words:
            if word.startswith("-") and not getattr(command, "commands", None):
                assert word in known, f"{page.name}: hub {line}: {word}"


def test_every_command_has_help_and_an_example() -> None:
    """What a person may type is explained, with an example to begin from."""

    def check(command: click.Command, path: str) -> None:
        assert command.help, path
        inner = getattr(command, "commands", None)
        if inner:
            for name, one in inner.items():
                check(one, f"{path} {name}")
        elif path not in ("hub demo", "hub up"):
            assert "Example: " in f"{command.epilog} {command.help}", path

    for name, one in GROUP.commands.items():  # type: ignore[attr-defined]
        check(one, f"hub {name}")


def test_named_tests_exist() -> None:
    """Every test file that a page names is there."""
    there = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    for page in PAGES:
        named = set(re.findall(r"`(test_\w+\.py)`", page.read_text()))
        assert named <= there, f"{page.name}: {named - there}"


def test_readme_is_short() -> None:
    """What, for whom, two commands, a picture: it fits a screen or two."""
    assert len((ROOT / "README.md").read_text().splitlines()) < 70
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) < 120


def test_nothing_names_a_machine_or_a_registry() -> None:
    """No path of a machine and no address of a package registry stands in a tracked file."""
    done = subprocess.run(
        [
            *("git", "grep", "-n", "-I", "-E"),
            r"/wor[k]/|/roo[t]/|https?://[a-z0-9.-]*(maven|pypi|pythonhosted|npmjs|golang|crates)",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
