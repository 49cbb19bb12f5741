"""What the documents say stands in the repository: promises and their tests, laws, and every document that is cited."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUARANTEES, ARCHITECTURE = (ROOT / "docs" / f"{name}.md" for name in ("guarantees", "architecture"))
KEPT, _, REST = GUARANTEES.read_text(encoding="utf-8").partition("## Not yet")
NOT_YET = REST.partition("## ")[0]
PROMISES = dict(re.findall(r"^\*\*(\d+)\.\*\* ((?:.+\n)+)", KEPT, re.MULTILINE))
LAST = 29  # promises that are numbered
CITED = ("*.py", "*.sql", "*.toml", "*.md", "*.css", "Makefile", ".ci/run")


@cache
def named_in(file: str) -> set[str]:
    """Return the names of a file's tests."""
    path = ROOT / file
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_promise_is_kept_with_a_test_or_stands_under_not_yet() -> None:
    missing = [int(number) for number in re.findall(r"^- (\d+)", NOT_YET, re.MULTILINE)]
    assert sorted({*map(int, PROMISES), *missing}) == list(range(1, LAST + 1))
    assert "::" not in NOT_YET


@pytest.mark.parametrize("number", PROMISES)
def test_the_tests_of_a_promise_exist(number: str) -> None:
    named = re.findall(r"`(tests/\S+\.py)::(\w+)`", PROMISES[number])
    assert named, f"guarantee {number} names no test"
    for file, name in named:
        assert name in named_in(file), f"guarantee {number}: there is no {file}::{name}"


def cited() -> list[tuple[str, str]]:
    """Return every document, law and promise that a file of the repository cites, with the file."""
    listed = subprocess.run(["git", "ls-files", *CITED], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = []
    for name in listed.split():
        text = (ROOT / name).read_text(encoding="utf-8")
        pattern = r"(?<![\w/.-])(?:docs/|\w+/)?[\w-]+\.md\b|\b[Ll]aw \d+|\b[Gg]uarantees? \d+"
        found += [(name, reference) for reference in re.findall(pattern, text)]
    return found


def leads_somewhere(file: str, reference: str) -> bool:
    """Tell whether a reference is to something that stands in the repository."""
    what, _, number = reference.lower().partition(" ")
    if what == "law":
        return f"\n{number}. **" in ARCHITECTURE.read_text(encoding="utf-8")
    if number:
        return 1 <= int(number) <= LAST
    return any((place / reference).is_file() for place in (ROOT, (ROOT / file).parent))


def test_every_document_law_and_promise_that_is_cited_stands_in_the_repository() -> None:
    lost = [f"{file}: {reference}" for file, reference in cited() if not leads_somewhere(file, reference)]
    assert lost == []
