"""Packs of several saved views, and recipes: a pack with how its files are read and which figures are watched.

A recipe holds its views whole, so that its file is all that another workspace, or a scheduler, needs.
"""

import glob
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Any, Final, Literal

from workbench import reports
from workbench.ask import views
from workbench.ask.logs import log_layouts
from workbench.ask.selection import COMPARISONS, NOTHING, PRESETS
from workbench.ask.views import View
from workbench.errors import BadSelection, UnknownName, WorkbenchError, reason, shortened
from workbench.intake import mappings, signature
from workbench.intake.choices import NOTHING_SAID, Choices
from workbench.intake.limits import LIMITS
from workbench.intake.mappings import ColumnMapping
from workbench.reports import PERIOD, Metric, Report, Tile
from workbench.store.masking import names_somebody
from workbench.store.settings import WEEK_STARTS
from workbench.store.workspace import Workspace
from workbench.time import zones

FORMAT = "contact-workbench-recipe"
FILES = (".json", ".xlsx")  # of a recipe, and of a pack that carries one
LARGEST = 1 << 20  # bytes of a recipe's file
MOST = 50  # views, rules or thresholds of a recipe
DATES = ("from", "to", "preset", "wall_clock")
OPTIONS = ("kind", "file_timezone", "date_order", "decimal", "sheet", "rollup", "encoding", "absent")  # of a rule
SIDES = ("below", "above")
TARGET: Final = (
    "target"  # in the place of a side and a number: passed where the figure misses the target of its workspace
)
SETTINGS = ("reporting_zone", "week_start")  # of the workspace, that a recipe has
LARGEST_LIMIT = 1e15  # of a threshold


@dataclass(frozen=True)
class Part:
    """A view of a pack under a title of its own; with a `preset` its dates are those, and move with the data."""

    title: str
    view: View
    preset: str = ""

    @property
    def report(self) -> Report:
        """The report that the view is of."""
        return reports.report(self.view.report)

    @property
    def query(self) -> Mapping[str, Sequence[str]]:
        """The parameters of the view's link, with the dates that the pack gives it."""
        if not self.preset:
            return self.view.query
        kept = {key: texts for key, texts in self.view.query.items() if key not in DATES}
        if kept.get("compare") and kept["compare"][-1] not in (*COMPARISONS, NOTHING):
            del kept["compare"]  # days that were fixed beside the old ones
        return kept | {"preset": [self.preset]}

    def as_json(self) -> dict[str, Any]:
        """Return the view as a recipe's file has it."""
        view = self.view
        said = {"title": self.title, "name": view.name, "report": view.report, "query": dict(view.query)}
        return said | ({"dates": self.preset} if self.preset else {})


@dataclass(frozen=True)
class Rule:
    """What is said of every file whose name fits a pattern, such as `ContactExport-*.csv`."""

    files: str
    choices: Choices

    def as_json(self) -> dict[str, Any]:
        """Return the rule as a recipe's file has it, with what is said of the files alone."""
        said = {name: getattr(self.choices, "zone" if name == "file_timezone" else name) for name in OPTIONS}
        if mapping := self.choices.mapping:
            said["mapping"] = {"kind": mapping.kind, "columns": dict(mapping.columns)}
        return {"files": self.files, **{name: value for name, value in said.items() if value is not None}}


@dataclass(frozen=True)
class Threshold:
    """A figure of a view, by its title in the pack, that is watched: durations in seconds, rates as fractions.

    Of one that is watched by its target the limit is that of the workspace, on the last day of its range.
    """

    view: str
    metric: str
    side: Literal["below", "above", "target"]
    limit: float

    def is_passed_by(self, value: float | None) -> bool:
        """Tell whether a figure lies beyond it; one without a value does not, and neither does the limit itself."""
        if value is None:
            return False
        return value < self.limit if self.side == "below" else value > self.limit


@dataclass(frozen=True)
class Recipe:
    """A pack that can be made again: its views in their order, the rules for its files, what is watched.

    `reporting_zone` and `week_start` are those of the workspace in which it was made, empty where that is not known.
    """

    name: str
    title: str
    parts: tuple[Part, ...]
    rules: tuple[Rule, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    reporting_zone: str = ""
    week_start: str = ""

    @property
    def settings(self) -> list[tuple[str, str]]:
        """The settings of a workspace by which days and weeks begin as in the one in which it was made."""
        return [(name, value) for name in SETTINGS if (value := getattr(self, name))]

    def rule_for(self, file: str) -> Rule | None:
        """Return the first rule that a file's name fits, whatever its case; None where no rule does."""
        name = PurePath(file).name.casefold()
        return next((rule for rule in self.rules if fnmatchcase(name, rule.files.casefold())), None)

    def choices_for(self, file: str) -> Choices:
        """Return what the recipe says of a file."""
        rule = self.rule_for(file)
        return rule.choices if rule else NOTHING_SAID

    def part(self, title: str) -> Part:
        """Return the view of a title. Raises UnknownName."""
        found = next((part for part in self.parts if part.title == title), None)
        if found is None:
            raise UnknownName(f"view of the recipe {self.name}", title, [part.title for part in self.parts])
        return found

    def as_json(self) -> dict[str, Any]:
        """Return the recipe as JSON values, as its file holds it."""
        return {
            "format": FORMAT,
            "name": self.name,
            "title": self.title,
            **dict(self.settings),
            "views": [part.as_json() for part in self.parts],
            "files": [rule.as_json() for rule in self.rules],
            "thresholds": [
                {"view": each.view, "metric": each.metric, each.side: each.side == TARGET or each.limit}
                for each in self.thresholds
            ],
        }

    def as_text(self) -> str:
        """Return the recipe as the text of its file."""
        return json.dumps(self.as_json(), indent=2, ensure_ascii=False) + "\n"


def watched(report: Report) -> dict[str, tuple[Metric, Tile]]:
    """Return the metrics of a report that a threshold can be of, each with the row of cards that has it."""
    cards = [tile for tile in report.tiles if tile.shape == "metrics"]
    return {name: (report.metric(name), tile) for tile in reversed(cards) for name in tile.metrics}


def saved(workspace: Workspace) -> dict[str, Recipe | WorkbenchError]:
    """Return the recipes of a workspace by name, of reports that the actor sees; for one that cannot be read, why.

    Who is masked is not told what names of files look like.
    """
    found: dict[str, Recipe | WorkbenchError] = {}
    for name, text in workspace.kept("select name, recipe from recipes order by lower(name), name"):
        if workspace.is_masked and names_somebody(text, workspace.actor.masks_staff):
            continue
        try:
            recipe = parsed(text, f"Recipe {name}")
            if all(workspace.actor.sees(part.report.name) for part in recipe.parts):
                found[name] = replace(recipe, rules=()) if workspace.is_masked else recipe
        except WorkbenchError as error:
            found[name] = error
    return found


def named(workspace: Workspace, name: str) -> Recipe:
    """Return a recipe of a workspace. Raises UnknownName, or why it cannot be read."""
    found = saved(workspace)
    if name not in found:
        raise UnknownName("recipe", name, found or ["(none is saved)"])
    if isinstance(recipe := found[name], WorkbenchError):
        raise recipe
    return recipe


def save(workspace: Workspace, recipe: Recipe) -> None:
    """Keep a recipe, in the place of another of its name. Raises BadSelection or UnknownName for one that is none.

    What is not shown to the actor stays: a recipe of the name is refused, and the rules of files are kept.
    """
    workspace.ask("views")
    checked = parsed(recipe.as_text(), f"Recipe {recipe.name}")
    there = dict(workspace.kept("select name, recipe from recipes where name = ?", [checked.name]))
    if there and checked.name not in saved(workspace):
        raise BadSelection(f"The name '{checked.name}' is taken. Choose another one")
    if there and workspace.is_masked and not checked.rules:
        with suppress(WorkbenchError):  # one that nobody can read has none
            checked = replace(checked, rules=parsed(there[checked.name], f"Recipe {checked.name}").rules)
    workspace.keep("insert or replace into recipes values (?, ?)", [checked.name, json.dumps(checked.as_json())])


def delete(workspace: Workspace, name: str) -> None:
    """Delete a recipe. Raises UnknownName."""
    workspace.ask("views")
    found = saved(workspace)
    if name not in found:
        raise UnknownName("recipe", name, found or ["(none is saved)"])
    workspace.keep("delete from recipes where name = ?", [name])


def read(path: Path, name: str = "") -> Recipe:
    """Return the recipe that a .json file holds, or that a pack (.xlsx) carries; `name` is what its user calls it.

    Raises BadSelection or FileRefused.
    """
    name = name or path.name
    try:
        if path.suffix.lower() == ".xlsx":
            text = signature.recipe(path, name, LIMITS)
            if not text:
                raise BadSelection(f"{name}: carries no recipe. Name a pack that was made of several views")
        elif path.stat().st_size > LARGEST:
            raise BadSelection(f"{name}: too large for a recipe")
        else:
            text = path.read_text(encoding="utf-8-sig", errors="replace")
    except (OSError, ValueError) as error:
        raise BadSelection(f"{shortened(path)}: cannot be read ({reason(error)}). Check the path") from None
    return parsed(text, name)


def rules_of_loads(workspace: Workspace) -> tuple[Rule, ...]:
    """Return a rule for every kind of name under which files were loaded that needed a choice, the newest first."""
    found: dict[str, Rule] = {}
    for load in workspace.loads():
        chosen = {name: value for name, value in (load["chosen"] or {}).items() if name != "part"}
        pattern = re.sub(r"\d[\d ._-]*\d|\d", "*", glob.escape(load["file"]))
        if chosen and pattern not in found:
            mapped = chosen.pop("mapping", None)
            mapping = ColumnMapping(mapped["kind"], tuple(map(tuple, mapped["columns"]))) if mapped else None
            found[pattern] = Rule(pattern, Choices(**chosen, mapping=mapping))
    return tuple(found.values())


def parsed(text: str, source: str) -> Recipe:
    """Return the recipe that the text of a file holds; `source` is what it comes from.

    Raises BadSelection and says which part is wrong, and what would work.
    """
    try:
        found = json.loads(text)
        if found["format"] != FORMAT:
            raise ValueError(found["format"])
        json.dumps(found, ensure_ascii=False).encode()  # half of a character has no bytes
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadSelection(f'{source}: not a recipe. A recipe is JSON with "format": "{FORMAT}"') from None
    try:
        return of_values(found)
    except WorkbenchError as error:
        raise BadSelection(f"{source}: {error}") from None


def of_values(found: dict[str, Any]) -> Recipe:
    """Return the recipe of the JSON values of its file. Raises BadSelection and UnknownName."""
    _check_keys("a recipe", found, ("format", "name", "title", *SETTINGS, "views", "files", "thresholds"))
    name = views.checked_name("A recipe", _text(found, "name", "a recipe"))
    if odd := re.search(r"^[-~]|[\"'\\/:*?<>|$`%]", name):
        raise BadSelection(f"A recipe named {name} cannot be named in a terminal. Leave out {odd[0]}")
    if name.lower().endswith(FILES):
        raise BadSelection(f"A recipe named '{name}' would be taken for a file. Leave out {PurePath(name).suffix}")
    title = views.checked_name("A pack", _text(found, "title", "a recipe") or name)
    parts = tuple(_part(each) for each in _objects(found, "views"))
    if not parts:
        raise BadSelection("It has no view. Give it one at least")
    titles = [part.title.casefold() for part in parts]
    if twice := next((part.title for part in parts if titles.count(part.title.casefold()) > 1), ""):
        raise BadSelection(f"Two views are titled '{twice}'. Give each a title of its own")
    rules = tuple(_rule(each) for each in _objects(found, "files"))
    zone, week_start = (_text(found, key, "a recipe") for key in SETTINGS)
    if zone:
        zones.zone(zone)
    if week_start not in ("", *WEEK_STARTS):
        raise UnknownName("week_start", week_start, WEEK_STARTS)
    recipe = Recipe(name, title, parts, rules, (), zone, week_start)
    return replace(recipe, thresholds=tuple(_threshold(recipe, each) for each in _objects(found, "thresholds")))


def _part(found: dict[str, Any]) -> Part:
    _check_keys("a view", found, ("title", "name", "report", "query", "dates"))
    name, preset = _text(found, "name", "a view"), _text(found, "dates", "a view")
    title = views.checked_name("A view", _text(found, "title", "a view") or name)
    if preset and preset not in PRESETS:
        raise UnknownName(f"preset for the dates of '{title}'", preset, PRESETS)
    query = found.get("query", {})
    part = Part(title, View(name or title, _text(found, "report", f"view '{title}'"), query), preset)
    views.check(part.view)
    selection = views.selection_of(part.report, log_layouts(part.report, part.query)[0])
    is_fixed = bool(selection.start or selection.end)
    if not is_fixed and any(key == PERIOD.key for pin in selection.pins for key, _ in pin):
        raise BadSelection(f"The view '{title}' has a pinned period, which does not move with its dates. Unpin it")
    return part


def _rule(found: dict[str, Any]) -> Rule:
    files = _text(found, "files", "a rule for files")
    if not files:
        raise BadSelection("A rule has no pattern of files. Give it one, such as ContactExport-*.csv")
    what = f"the rule for {files}"
    _check_keys(what, found, ("files", *OPTIONS, "mapping"))
    said: dict[str, Any] = {name: _text(found, name, what) or None for name in OPTIONS}
    mapping = mappings.said(found["mapping"], f"The mapping of {what}") if found.get("mapping") else None
    try:
        zone = said.pop("file_timezone")
        return Rule(files, Choices(**said, zone=zone, mapping=mapping))
    except UnknownName as error:
        raise BadSelection(f"{what[0].upper()}{what[1:]}: {error}") from None


def _threshold(recipe: Recipe, found: dict[str, Any]) -> Threshold:
    _check_keys("a threshold", found, ("view", "metric", *SIDES, TARGET))
    part = recipe.part(" ".join(_text(found, "view", "a threshold").split()))
    metric = _text(found, "metric", "a threshold")
    known = watched(part.report)
    if metric not in known:
        raise UnknownName(f"figure of '{part.title}' for a threshold", metric, known)
    sides = [side for side in SIDES if side in found]
    if found.get(TARGET) is True and not sides:
        return Threshold(part.title, metric, TARGET, 0.0)
    limit = found[sides[0]] if len(sides) == 1 else None
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not abs(limit) <= LARGEST_LIMIT:
        raise BadSelection(f'The threshold of {metric} needs a number: "below": 0.8, "above": 0.8, or "target": true')
    return Threshold(part.title, metric, "below" if sides == ["below"] else "above", float(limit))


def _objects(found: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    given = found.get(key, [])
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise BadSelection(f'"{key}" is no list of objects')
    if len(given) > MOST:
        raise BadSelection(f'"{key}" has {len(given):,} entries. Give it {MOST} at most')
    return given


def _text(found: Mapping[str, Any], key: str, what: str) -> str:
    value = found.get(key) or ""
    if not isinstance(value, str):
        raise BadSelection(f'"{key}" of {what} is no text')
    return value


def _check_keys(what: str, found: Iterable[str], known: Sequence[str]) -> None:
    for key in found:
        if key not in known:
            raise UnknownName(f"key of {what}", key, known)
