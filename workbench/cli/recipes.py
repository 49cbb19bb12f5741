"""The commands about recipes: run, and what is kept of them."""

import argparse
import json
import signal
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from workbench import team
from workbench.ask import recipes
from workbench.ask.recipes import Recipe
from workbench.ask.selection import short
from workbench.cli.commands import (
    Commands,
    add_wait,
    command,
    handed_over,
    opened,
    opened_to_read,
    path_of,
    say_unpublished,
)
from workbench.cli.loads import files_of, say_loaded
from workbench.cli.terminal import printable, progress_shown, rows_said, say
from workbench.drawing import formats
from workbench.errors import BadSelection, FileRefused, WorkbenchError, shortened
from workbench.exports import KINDS
from workbench.intake.looking import Recognised
from workbench.store.workspace import Workspace

PASSED = 3  # the exit status when a threshold was passed


def add_to(commands: Commands) -> None:
    """Add the commands to the parser."""
    run = command(commands, "run", _run, "Load files by a recipe, write its pack, and check its thresholds.")
    run.add_argument("recipe", metavar="RECIPE", help="its name, or a .json file, or a pack (.xlsx) that it made")
    run.add_argument("files", nargs="*", metavar="FILE", help="without any: of what is loaded")
    run.add_argument("--to", metavar="FILE.xlsx", help="the pack; what is there stays until it is whole")
    run.add_argument("--dry-run", action="store_true", help="say what would be loaded, and do nothing")
    run.set_defaults(misused=run.error)
    add_wait(run)
    kept = command(commands, "recipes", _list, "Recipes of the workspace: list, show, export, import, delete.")
    kept.add_argument("--json", action="store_true")
    acts = kept.add_subparsers(metavar="list|show|export|import|delete")
    listed = command(acts, "list", _list, "The recipes, a line each.")
    listed.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    command(acts, "show", _show, "What a recipe holds.").add_argument("name", metavar="NAME")
    exported = command(acts, "export", _export, "Write a recipe as a file, to be run or imported anywhere.")
    exported.add_argument("name", metavar="NAME")
    exported.add_argument("--to", type=Path, metavar="FILE.json", help="default: standard output")
    for name, run_it, what, help in (
        ("import", _import, "FILE", "Keep the recipe of a .json file, or of a pack (.xlsx), in the workspace."),
        ("delete", _delete, "NAME", "Delete a recipe; what it made stays."),
    ):
        act = command(acts, name, run_it, help)
        act.add_argument("name", metavar=what)
        add_wait(act)


def _run(given: argparse.Namespace) -> int:
    from workbench.workbook import running  # what draws charts takes longer to import than most commands to run

    carried, files = _carried(given.recipe), files_of(given.files)
    if given.dry_run:
        return _looked(given, carried, files)
    if not given.to:
        given.misused("say where the pack goes: --to pack.xlsx")
    with closing(opened(given, may_be_new=carried is not None)) as workspace:
        recipe = carried or recipes.named(workspace, given.recipe)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a scheduler that ends it gets all of it taken back
        with progress_shown(recipe.name) as progress:
            done = running.run(workspace, recipe, files, Path(given.to), progress)
    for outcome in done.loads:
        say_loaded(outcome)
    say_unpublished(workspace)
    for text in done.pack.warnings:
        say(text)
    for finding in done.pack.findings:
        print(printable(f"Threshold {finding.verdict}: {finding.words}"))
    say(f"Wrote {done.pack.file.path} ({formats.size(done.pack.file.size)})")
    return PASSED if any(finding.is_passed for finding in done.pack.findings) else 0


def _looked(given: argparse.Namespace, carried: Recipe | None, files: Sequence[str]) -> int:
    """Say what a run would load, of a workspace that is there or of none, which is then not made."""
    is_there = carried is None or path_of(given).exists()
    workspace = opened_to_read(given) if is_there else Workspace(actor=team.here())
    recipe = carried or recipes.named(workspace, given.recipe)
    refused = 0
    for file in files:
        rule = recipe.rule_for(file)
        by = f" (by the rule for {rule.files})" if rule else " (no rule)"
        with progress_shown(Path(file).name) as progress:
            for said, became in workspace.look_into_parts(file, recipe.choices_for(file), progress):
                name = f"{Path(file).name}: {said.part}" if said.part else Path(file).name
                refused += isinstance(became, FileRefused)
                line = f"{name}: {_line(became)}" if isinstance(became, Recognised) else f"Refused: {became}"
                print(printable(f"{line}{by}"))
    print(printable(f"Then the pack '{recipe.title}': {', '.join(part.title for part in recipe.parts)}"))
    return 1 if refused else 0


def _line(found: Recognised) -> str:
    """Return in words what a file was recognised as, before it is loaded."""
    kind = KINDS[found.kind].title if found.kind else "not told by the file"
    rows = "rows are counted when it is loaded" if found.rows is None else f"{rows_said(found.rows)} to load"
    days = f", {short(found.days)}" if found.days else ""
    doubts = "".join(f". {warning}" for warning in found.warnings)
    return f"{kind}, {rows}{days}{doubts}"


def _carried(name: str) -> Recipe | None:
    """Return the recipe that a file holds, None where a name of the workspace's is given. Raises BadSelection."""
    return recipes.read(Path(name)) if name.lower().endswith(recipes.FILES) else None


def _list(given: argparse.Namespace) -> int:
    found = recipes.saved(opened_to_read(given))
    if given.json:
        print(json.dumps([recipe.as_json() for recipe in found.values() if isinstance(recipe, Recipe)]))
        return 0
    for name, recipe in found.items():
        print(printable(_recipe_line(name, recipe)))
    if not found:
        print("No recipe is saved. Make one on the page Packs, or take one over: recipes import FILE")
    return 0


def _recipe_line(name: str, recipe: Recipe | WorkbenchError) -> str:
    if isinstance(recipe, WorkbenchError):
        return f"{name}: cannot be read. {recipe}"
    counted = [(len(recipe.parts), "view"), (len(recipe.rules), "rule"), (len(recipe.thresholds), "threshold")]
    return f"{name}: {recipe.title} ({', '.join(f'{n} {what}' + 's' * (n != 1) for n, what in counted)})"


def _show(given: argparse.Namespace) -> int:
    print(printable(recipes.named(opened_to_read(given), given.name).as_text()), end="")
    return 0


def _export(given: argparse.Namespace) -> int:
    workspace = opened_to_read(given)
    return handed_over(recipes.named(workspace, given.name).as_text(), given.to, workspace, "a recipe")


def _import(given: argparse.Namespace) -> int:
    recipe = _carried(given.name)
    if recipe is None:
        raise BadSelection(
            f"'{shortened(given.name)}' is no file of a recipe. It ends in .json, or in .xlsx for a pack"
        )
    workspace = opened(given)
    recipes.save(workspace, recipe)
    say(f"Recipe {recipe.name} is kept")
    return 0


def _delete(given: argparse.Namespace) -> int:
    recipes.delete(opened(given, may_be_new=False), given.name)
    say(f"Recipe {given.name} is deleted; what it made stays")
    return 0
