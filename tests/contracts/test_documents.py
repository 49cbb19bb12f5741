"""What the documents say stands in the repository: promises and their tests, places, the example, all that is cited."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from workbench import Workbench
from workbench.ask.logs import log_count
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.exports import KINDS

ROOT = Path(__file__).parents[2]
README, ARCHITECTURE, CONTRIBUTING, GUARANTEES = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "docs/architecture.md", "docs/contributing.md", "docs/guarantees.md")
)
KEPT, _, REST = GUARANTEES.partition("## Not yet")
NOT_YET = REST.partition("## ")[0]
PROMISES: list[tuple[str, str]] = re.findall(r"^\*\*(\d+)\.\*\* ((?:.+\n)+)", KEPT, re.MULTILINE)
LAST = 29  # promises that are numbered
FOLDERS = (".ci", ".streamlit", "benchmarks", "docs", "pages", "queries", "sample_data", "tests", "workbench")
EXAMPLE = "skipped"  # the report that is added in docs/contributing.md


# Promises ------------------------------------------------------------------------------------------------------------


@cache
def named_in(file: str) -> set[str]:
    """Return the names of a file's tests."""
    path = ROOT / file
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_promise_is_kept_with_a_test_or_stands_under_not_yet() -> None:
    kept = [int(number) for number, _ in PROMISES]
    said = re.findall(r"^- (\d+)(, in part)?:", NOT_YET, re.MULTILINE)
    lacking = [(int(number), bool(part)) for number, part in said]
    assert sorted([*kept, *(number for number, is_part in lacking if not is_part)]) == list(range(1, LAST + 1))
    assert {number for number, is_part in lacking if is_part} <= set(kept)
    assert kept == sorted(kept)
    assert [number for number, _ in lacking] == sorted({number for number, _ in lacking})
    assert "::" not in NOT_YET


@pytest.mark.parametrize(("number", "promise"), PROMISES, ids=[number for number, _ in PROMISES])
def test_the_tests_of_a_promise_exist(number: str, promise: str) -> None:
    named = re.findall(r"`(tests/\S+\.py)::(test_\w+)`", promise)
    assert named, f"guarantee {number} names no test"
    assert len(named) == promise.count("::"), f"guarantee {number} names a test in a way that is not understood"
    for file, name in named:
        assert name in named_in(file), f"guarantee {number}: there is no {file}::{name}"


# What is cited -------------------------------------------------------------------------------------------------------


def texts() -> Iterator[Path]:
    """Yield every file that may cite something. Git is not asked: a copy that was downloaded has none."""
    found = [*ROOT.iterdir(), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    for path in found:
        if path.suffix in (".py", ".sql", ".toml", ".md", ".css") or path.name in ("Makefile", "run"):
            yield path


def cited() -> Iterator[tuple[str, str]]:
    """Yield each document, law and promise that a file cites, with the file."""
    for path in texts():
        file, text = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        for document in re.findall(r"(?<![\w/.-])(?:\w+/)?[\w-]+\.md\b", text):
            yield file, document
        for what, numbers in re.findall(r"\b(law|guarantee)s? (\d[\d, and]*)", text, re.IGNORECASE):
            for number in re.findall(r"\d+", numbers):
                yield file, f"{what.lower()} {number}"


def leads_somewhere(file: str, reference: str) -> bool:
    """Tell whether a reference is to something that stands in the repository."""
    what, _, number = reference.partition(" ")
    if what == "law":
        return f"\n{number}. **" in ARCHITECTURE
    if what == "guarantee":
        return 1 <= int(number) <= LAST
    return any((place / reference).is_file() for place in (ROOT, (ROOT / file).parent))


def test_every_document_law_and_promise_that_is_cited_stands_in_the_repository() -> None:
    found = list(cited())
    assert {"law 2", "guarantee 12", "docs/architecture.md"} <= {reference for _, reference in found}
    assert [f"{file}: {reference}" for file, reference in found if not leads_somewhere(file, reference)] == []


# Places, the example, tables -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [README, ARCHITECTURE, CONTRIBUTING], ids=["readme", "architecture", "contributing"])
def test_every_place_that_a_document_names_is_there(text: str) -> None:
    places = re.findall(rf"`((?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*)`", text)
    assert [place for place in places if EXAMPLE not in place and not (ROOT / place).exists()] == []


def test_every_room_has_its_row() -> None:
    rows = [line.split("|")[1] for line in ARCHITECTURE.partition("## Laws")[0].splitlines() if line.startswith("|")]
    named = set(re.findall(r"`(?:workbench/)?(\w+)(?:/|\.py)`", " ".join(rows)))
    rooms = {path.stem for path in (ROOT / "workbench").iterdir() if not path.name.startswith("_")}
    assert named == rooms | {"app", "pages", "queries", "sample_data"}


def example(language: str) -> str:
    """Return the SELECT or the declaration of the report that is added in docs/contributing.md."""
    (found,) = re.findall(rf"^ *```{language}\n(.*?)^ *```", CONTRIBUTING, re.MULTILINE | re.DOTALL)
    return dedent(found)


def test_the_report_of_the_example_can_be_added(sample: Workbench) -> None:
    names: dict[str, Any] = {}
    exec(example("python"), names)
    report = names[EXAMPLE.upper()]
    totals = [str(name) for name, *_ in sample.workspace.rows(f"describe {example('sql')}")]
    assert totals == list(report.tile("totals").columns)
    ((skipped,),) = sample.workspace.rows(example("sql"))
    assert 0 < skipped < log_count(Question(sample.workspace, report, Selection()), report.log)


def test_the_readme_lists_every_kind() -> None:
    missing = [kind for kind in KINDS if f"| `{kind}`" not in README and f", `{kind}`" not in README]
    assert not missing, f"The README's table of kinds lacks {', '.join(missing)}"
