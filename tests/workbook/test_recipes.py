"""Packs of several views, and recipes: made again from their own cover, run as one unit, watched at their limits."""

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook

from tests.builders import Desk, contact, written
from tests.workbook.office import recalculated
from tests.workbook.opened import files, opened, said, table
from tests.workbook.strict import complaints
from workbench import Workbench
from workbench.ask import recipes, views
from workbench.ask.recipes import Part, Recipe, Rule, Threshold
from workbench.ask.views import View
from workbench.errors import BadSelection, FileRefused, WorkbenchError
from workbench.intake.choices import NOTHING_SAID, Choices
from workbench.intake.mappings import ColumnMapping
from workbench.progress import Progress
from workbench.reports import REPORTS
from workbench.workbook import charts, front, running, sheets
from workbench.workbook.back import AGREE

ROOT = Path(__file__).parents[2]
VOICE = View("Voice, weekly", "contact_export", {"preset": ["last_week"], "channel": ["PHONE_CALL"]})
FIXED = View("Fixed", "contact_export", {"from": ["2026-10-20"], "to": ["2026-11-02"], "compare": ["preceding"]})
SORTED = {"log.sort": ["contact_id:desc"], "log.columns": ["contact_id", "channel"]}
TEAMS = View("Teams", "team_engagement", {"currency": ["USD"], "preset": ["all"]})
WEEKLY = Recipe(
    "weekly", "Weekly pack",
    (Part("Voice", VOICE), Part("All channels", replace(FIXED, query=FIXED.query | SORTED)), Part("Teams", TEAMS)),
    (Rule("ContactExport-*.csv", Choices(zone="Europe/Vienna", date_order="dmy")),),
    (Threshold("Voice", "answered_rate", "below", 0.8), Threshold("Teams", "active_users", "above", 1)),
)  # fmt: skip
MONTH = {"format": recipes.FORMAT, "name": "monthly", "views": [
    {"title": "Month", "report": "contact_export", "query": {"compare": ["none"]}, "dates": "this_month"},
], "thresholds": [{"view": "Month", "metric": "answered_rate", "below": 0.5}]}  # fmt: skip

PINNED = {"title": "A", "report": "contacts", "dates": "last_week", "query": {"pin": ["period=2024-03-05"]}}


@pytest.fixture(scope="module")
def pack(sample: Workbench) -> running.Pack:
    """The pack of three views of two reports, of the sample data."""
    return running.prepare(sample.workspace, WEEKLY, Progress())


def test_excel_has_nothing_to_repair_in_a_pack_and_every_check_agrees(pack: running.Pack, tmp_path: Path) -> None:
    assert complaints(pack.file.path) == []
    path = recalculated(pack.file.path, tmp_path)
    lines = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Checks").to_python()
    agreed = [(row[0], row[4]) for row in lines if row[4] in (AGREE, "differs")]
    assert {of for of, _ in agreed} == {"Voice", "All channels", "Teams"}
    assert {agrees for _, agrees in agreed} == {AGREE}


def test_views_stand_in_their_order_under_their_titles(sample: Workbench, pack: running.Pack) -> None:
    book = opened(pack.file.path)
    titles = [str(sheet["A2"].value) for sheet in book if sheet.title.startswith("Channel")]
    assert [title.partition(" · ")[0] for title in titles] == ["Voice", "All channels"]
    colours = [book[name].sheet_properties.tabColor.rgb for name in ("Channel", "Contacts", "Channel 2", "By agent")]
    assert (colours[0], len(set(colours))) == (colours[1], 3)
    headings = [str(cell.value) for cell in book["Summary"]["A"] if "totals" in str(cell.value)]
    assert headings == ["Voice: totals", "All channels: totals", "Teams: totals"]
    contents = dict(said(book["Cover"]))
    assert (contents["Channel"], contents["Channel 2"], contents["By agent"]) == ("Voice", "All channels", "Teams")
    for title, view in (("Channel", VOICE), ("Channel 2", FIXED)):
        report = REPORTS["contact_export"]
        asked = sample.report("contact_export").question.asking(views.selection_of(report, view.query))
        assert [row[1] for row in table(book[title])[1]] == by_channel(sample, asked.selection)


def by_channel(sample: Workbench, selection: Any) -> list[Any]:
    from workbench.ask import answers

    question = sample.report("contact_export").question.asking(selection)
    return answers.rows(question, question.report.tile("by_channel"))["contacts"].tolist()


def test_a_log_has_the_columns_and_the_order_of_its_view(pack: running.Pack) -> None:
    header, rows = table(opened(pack.file.path)["Contacts 2"])
    assert header[:2] == ["Contact ID", "Channel"]
    ids = [row[0] for row in rows]
    assert ids == sorted(ids, reverse=True)


def test_charts_that_the_summary_has_no_room_for_stand_under_their_tables(pack: running.Pack) -> None:
    book = opened(pack.file.path)
    assert len(book["Summary"]._charts) == 5  # two of each view, and the one of the teams
    (below,) = book["Channel 2"]._charts[:1]
    (ref,) = (found.ref for found in book["Channel 2"].tables.values())
    assert below.anchor._from.row > int(ref.partition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    assert len(book["Channel 2"]._charts) == 2


def test_a_file_that_several_views_rest_on_is_named_once(pack: running.Pack) -> None:
    loads = [row[2] for row in files(opened(pack.file.path)["Cover"])]
    assert len(loads) == len(set(loads)) > 2


def test_a_pack_is_made_again_from_its_own_cover(sample: Workbench, pack: running.Pack, tmp_path: Path) -> None:
    assert recipes.read(pack.file.path) == WEEKLY
    resaved = tmp_path / "resaved.xlsx"
    opened(pack.file.path).save(resaved)  # by another program
    again = running.prepare(sample.workspace, recipes.read(resaved), Progress())
    first, second = (opened(path.file.path) for path in (pack, again))
    assert first.sheetnames == second.sheetnames
    assert [table(first[name]) for name in ("Channel 2", "By agent")] == [
        table(second[name]) for name in ("Channel 2", "By agent")
    ]


def test_what_was_watched_is_said_on_the_cover(pack: running.Pack) -> None:
    lines = said(opened(pack.file.path)["Cover"])
    watched = [(label, text) for label, text in lines if label.startswith("Threshold")]
    first, second = pack.findings
    assert watched == [("Threshold kept", first.words), ("Threshold passed", second.words)]
    assert (first.is_passed, second.is_passed) == (False, True)


def test_charts_and_long_notes_lie_within_what_is_printed(pack: running.Pack) -> None:
    book, seen = opened(pack.file.path), 0
    for sheet in [each for each in book if each._charts and each.print_area]:
        corner = sheet[sheet.print_area.rpartition(":")[2].replace("$", "")]
        edge, last = corner.column, 0
        for drawing in sheet._charts:
            left = drawing.anchor._from.col
            widths = [sheet.column_dimensions[get_column_letter(n)] for n in range(left + 1, edge + 1)]
            across = sum(0 if column.hidden else column.width for column in widths)
            assert across * front.CHARACTER >= charts.WIDTH, sheet.title
            last = max(last, drawing.anchor._from.row)
            seen += 1
        assert corner.row > last
    assert seen
    sheet = sheets.Book().sheet("Notes")
    sheets.widen(sheet, (10, 10, 50))
    sheet["A2"], sheet["A3"] = "long " * 10, "short"
    sheets.wrap(sheet, (2, 3), 2)
    assert [str(cells) for cells in sheet.merged_cells.ranges] == ["A2:B2"]
    assert (sheet["A2"].alignment.wrap_text, sheet.row_dimensions[2].height > sheets.LINE) == (True, True)


@pytest.mark.parametrize(
    ("side", "value", "is_passed"),
    [
        ("below", 0.8, False), ("below", 0.799, True), ("below", 0.801, False), ("below", None, False),
        ("above", 0.8, False), ("above", 0.801, True), ("above", 0.799, False), ("above", None, False),
    ],
)  # fmt: skip
def test_a_threshold_is_strict(side: Any, value: float | None, is_passed: bool) -> None:
    assert Threshold("Voice", "answered_rate", side, 0.8).is_passed_by(value) is is_passed


@pytest.mark.parametrize(
    ("limit", "of", "words"),
    [
        (0.5, 4, "Month: Answered is 50.0 %, not below 50.0 %"), (0.51, 4, "Month: Answered is 50.0 %, below 51.0 %"),
        (0.5004, 4, "Month: Answered is 50.0 % (0.5), below 50.0 % (0.5004)"),
        (0.5, 0, "Month: Answered has no value, so it is not below 50.0 %"),
    ],
)  # fmt: skip
def test_a_figure_at_its_limit_and_one_without_a_value_are_said(desk: Desk, limit: float, of: int, words: str) -> None:
    desk.load(*month(3, of, answered=of // 2), contact(contact_id="out", direction="OUTBOUND"))
    values = MONTH | {"thresholds": [{"view": "Month", "metric": "answered_rate", "below": limit}]}
    recipe = recipes.of_values(values)
    (finding,) = running.watched(recipe, [running.part_of(desk.workbench.workspace, part) for part in recipe.parts])
    is_passed = None if "no value" in words else ", below" in words
    assert (finding.words, finding.is_passed) == (words, is_passed)


def month(number: int, calls: int, answered: int) -> list[Any]:
    """Return calls of a month, so many of them answered."""
    return [
        contact(
            f"2024-{number:02}-05 10:00:00", contact_id=f"{number}-{n}", channel="PHONE_CALL",
            status="ANSWERED" if n < answered else "ABANDONED",
        )
        for n in range(calls)
    ]  # fmt: skip


def command(*arguments: object, workspace: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command as a scheduler does: with no variable of anybody's environment."""
    given = [sys.executable, "-m", "workbench", *map(str, arguments), "--workspace", str(workspace)]
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(folder)}
    return subprocess.run(given, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def exported(folder: Path, number: int, calls: int, answered: int) -> Path:
    last = (date(2024, number % 12 + 1, 1) - timedelta(days=1)).day
    name = f"ContactExport-2024{number:02}01-2024{number:02}{last}.csv"
    return written(folder / name, month(number, calls, answered))


@pytest.mark.long
def test_three_months_by_a_schedule_make_three_packs_and_one_alarm(tmp_path: Path) -> None:
    recipe, workspace = tmp_path / "monthly.json", tmp_path / "w.duckdb"
    values = MONTH | {"files": [{"files": "contactexport-*", "file_timezone": "UTC"}]}
    recipe.write_text(json.dumps(values), encoding="utf-8")
    ended = []
    for number, answered in ((1, 8), (2, 3), (3, 5)):
        file = exported(tmp_path, number, 10, answered)
        done = command("run", recipe, file, "--to", tmp_path / f"{number}.xlsx", workspace=workspace, folder=tmp_path)
        ended.append(done.returncode)
        assert "Traceback" not in done.stderr
        lines = [line for line in done.stdout.splitlines() if line.startswith("Threshold")]
        side = "passed" if answered < 5 else "kept"
        negation = "" if answered < 5 else "not "
        assert lines == [f"Threshold {side}: Month: Answered is {answered * 10}.0 %, {negation}below 50.0 %"]
        book = opened(tmp_path / f"{number}.xlsx")
        assert dict(said(book["Cover"]))["Dates"].endswith(f"{datetime(2024, number, 1):%b} 2024")
        assert len(table(book["Contacts"])[1]) == 10  # the month's alone, as its preset moves with the data
    assert ended == [0, 3, 0]


def test_a_figure_of_days_of_which_nothing_is_loaded_is_not_judged(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00"))
    views = [{"title": "Then", "report": "contact_export", "query": {"from": ["2019-01-01"], "to": ["2019-01-31"]}}]
    thresholds = [{"view": "Then", "metric": "contacts", "below": 5}]
    pack = running.prepare(
        desk.workbench.workspace, recipes.of_values(MONTH | {"views": views, "thresholds": thresholds}), Progress()
    )
    (finding,) = pack.findings
    assert (finding.verdict, finding.is_passed) == ("not judged", None)
    assert "nothing is loaded of these days" in finding.words
    assert [text.partition(":")[0] for text in pack.warnings] == ["Then"]


def test_a_filter_that_can_match_nothing_is_said_and_its_view_named(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00", channel="SMS"))
    asked = {"from": ["2024-03-05"], "to": ["2024-03-05"], "channel": ["SMSS", "SMS"]}
    views = [{"title": title, "report": "contact_export", "query": query} for title, query in (
        ("Texts", asked), ("All", {"from": ["2024-03-05"], "to": ["2024-03-05"]}),
    )]  # fmt: skip
    recipe = recipes.of_values(MONTH | {"views": views, "thresholds": []})
    pack = running.prepare(desk.workbench.workspace, recipe, Progress())
    expected = "No loaded row has channel 'SMSS'. There are: SMS"
    assert pack.warnings == (f"Texts: {expected}",)
    book = opened(pack.file.path)
    assert [text for label, text in said(book["Cover"]) if label == "Matches nothing"] == [expected]


def test_data_quality_names_the_views_of_what_is_not_of_all(pack: running.Pack) -> None:
    labels = [label for label, _ in said(opened(pack.file.path)["Data quality"])]
    assert {label.rpartition(" (")[2] for label in labels if label.endswith(")")} >= {"Voice, All channels)", "Teams)"}
    assert "Not loaded" in labels  # nothing is missing of any


def test_days_begin_as_where_the_recipe_was_made_or_the_difference_is_said(desk: Desk, tmp_path: Path) -> None:
    file = written(tmp_path / "ContactExport-20240301-20240331.csv", [contact("2024-03-05 10:00:00")])
    values = MONTH | {"reporting_zone": "Asia/Tokyo", "week_start": "sunday", "thresholds": []}
    recipe, workspace = recipes.of_values(values), desk.workbench.workspace
    assert recipes.of_values(recipe.as_json()) == recipe
    done = running.run(workspace, recipe, [str(file)], tmp_path / "pack.xlsx", Progress())
    assert (workspace.reporting_zone, workspace.week_start) == ("Asia/Tokyo", "sunday")
    assert not any("recipe was made" in text for text in done.pack.warnings)
    workspace.set("reporting_zone", "UTC")
    done = running.run(workspace, recipe, [], tmp_path / "pack.xlsx", Progress())
    (text,) = [text for text in done.pack.warnings if "recipe was made" in text]
    assert "Asia/Tokyo" in text
    assert workspace.reporting_zone == "UTC"
    for wrong in ({"reporting_zone": "Mars/Olympus"}, {"week_start": "friday"}):
        with pytest.raises(WorkbenchError):
            recipes.of_values(MONTH | wrong)


KILLED = """import os, sys
from pathlib import Path
from workbench.ask import recipes
from workbench.progress import Progress
from workbench.store.workspace import Workspace
from workbench.workbook import running
running.prepare = lambda *_: os.kill(os.getpid(), 9)
workspace = Workspace(Path(sys.argv[1]))
running.run(workspace, recipes.read(Path(sys.argv[2])), [sys.argv[3]], Path(sys.argv[4]), Progress())
"""


def test_of_a_run_that_was_killed_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "monthly.json").write_text(json.dumps(MONTH), encoding="utf-8")
    path, pack = tmp_path / "w.duckdb", tmp_path / "pack.xlsx"
    first, second = exported(tmp_path, 1, 10, 8), exported(tmp_path, 2, 5, 5)
    workbench = Workbench(path)
    workbench.load(first)
    workbench.close()
    given = [sys.executable, "-c", KILLED, str(path), str(tmp_path / "monthly.json"), str(second), str(pack)]
    assert subprocess.run(given, cwd=ROOT, check=False).returncode == -9
    workbench = Workbench(path)
    assert [load["file"] for load in workbench.workspace.loads()] == [first.name]
    assert workbench.workspace.notice.endswith("was taken back (loads 2)")
    assert not pack.exists()
    workbench.load(second)
    workbench.close()
    workbench = Workbench(path)  # which is no part of the run
    assert (len(workbench.workspace.loads()), workbench.workspace.notice) == (2, "")
    workbench.close()


@pytest.fixture
def run(tmp_path: Path, desk: Desk) -> Callable[..., Any]:
    """Run a recipe on the workspace of a desk."""

    def run(values: dict[str, Any], *paths: Path, to: str = "pack.xlsx") -> running.Run:
        given = [str(path) for path in paths]
        return running.run(desk.workbench.workspace, recipes.of_values(values), given, tmp_path / to, Progress())

    return run


def test_a_file_that_is_refused_takes_the_others_of_its_run_back(
    desk: Desk, run: Callable[..., Any], tmp_path: Path
) -> None:
    desk.load(contact(contact_id="before", channel="CHAT"))
    (tmp_path / "pack.xlsx").write_bytes(b"what was there")
    first = written(tmp_path / "ContactExport-20240301-20240302.csv", [contact(contact_id="before", channel="SMS")])
    second = tmp_path / "notes.csv"
    second.write_text("a,b\n1,2\n")
    with pytest.raises(FileRefused, match=r"^notes\.csv: "):
        run(MONTH, first, second)
    assert desk.stored("select contact_id, channel from gladly_contact_export") == [("before", "CHAT")]
    assert [load["load_id"] for load in desk.workbench.workspace.loads()] == [1]
    assert (tmp_path / "pack.xlsx").read_bytes() == b"what was there"
    assert {path.name for path in tmp_path.iterdir() if "xlsx" in path.name} == {"pack.xlsx"}


def test_a_pack_that_cannot_be_made_takes_its_loads_back(desk: Desk, run: Callable[..., Any], tmp_path: Path) -> None:
    values = MONTH | {"views": [*MONTH["views"], {"title": "Teams", "report": "team_engagement"}]}  # type: ignore[misc]
    file = written(tmp_path / "ContactExport-20240301-20240302.csv", [contact()])
    with pytest.raises(BadSelection, match=r"^The view 'Teams' has nothing to show: no Messages or Orders is loaded"):
        run(values, file)
    assert desk.workbench.workspace.is_empty
    assert not (tmp_path / "pack.xlsx").exists()


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("pack.csv", "A pack is an Excel workbook. End 'pack.csv' with .xlsx"),
        ("none/pack.xlsx", "There is no folder"),
        ("pack", "A pack is an Excel workbook"), ("folder.xlsx", "is a folder"), ("\0.xlsx", "cannot be written"),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_written_is_said_before_anything_is_loaded(
    desk: Desk, run: Callable[..., Any], tmp_path: Path, to: str, words: str
) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    file = written(tmp_path / "ContactExport-20240301-20240302.csv", [contact()])
    with pytest.raises(BadSelection) as caught:
        run(MONTH, file, to=to)
    assert words in str(caught.value)
    assert desk.workbench.workspace.is_empty


def test_a_file_to_load_is_no_place_for_the_pack(desk: Desk, run: Callable[..., Any], tmp_path: Path) -> None:
    file = written(tmp_path / "pack.xlsx", [contact()])
    content = file.read_bytes()
    with pytest.raises(BadSelection, match=r"is a file to load and the pack at once"):
        run(MONTH, file)
    assert (file.read_bytes(), desk.workbench.workspace.is_empty) == (content, True)


def test_a_run_without_files_is_of_what_is_loaded(desk: Desk, run: Callable[..., Any], tmp_path: Path) -> None:
    desk.load(*month(3, 4, answered=4))
    assert run(MONTH).loads == ()
    assert len(table(opened(tmp_path / "pack.xlsx")["Contacts"])[1]) == 4


def test_a_column_that_no_file_has_is_one_line(desk: Desk, run: Callable[..., Any], tmp_path: Path) -> None:
    desk.load(contact())
    query = {"log.columns": ["contact_id", "Mood"]}
    with pytest.raises(WorkbenchError, match=r"^The view 'Month' cannot be made\. There is no column 'Mood'"):
        run(MONTH | {"views": [{"title": "Month", "report": "contact_export", "query": query}]})
    assert not (tmp_path / "pack.xlsx").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "contact-workbench-views"}, "not a recipe"), ({"name": ""}, "A recipe needs a name"),
        ({"views": []}, "It has no view"), ({"views": "all"}, '"views" is no list of objects'),
        ({"views": MONTH["views"] * 2}, "Two views are titled 'Month'"),
        ({"name": "a.XLSX"}, "would be taken for a file"),
        ({"name": "-weekly"}, "cannot be named in a terminal. Leave out -"),
        ({"name": 'a"b'}, "cannot be named in a terminal"),
        ({"extra": 1}, "There is no key of a recipe 'extra'"),
        ({"views": [{"title": "A", "report": "contact_exprt"}]}, "The closest is contact_export"),
        ({"views": [{"title": "A", "report": "contacts", "query": {"chanel": ["x"]}}]}, "'A' cannot be opened"),
        ({"views": [{"title": "A", "report": "contacts", "query": {"rollup": "week"}}]}, "are no lists of texts"),
        ({"views": [{"title": "A", "report": "contacts", "dates": "last_wek"}]}, "no preset for the dates of 'A'"),
        ({"thresholds": [{"view": "Mnth", "metric": "answered_rate", "below": 1}]}, "no view of the recipe monthly"),
        ({"thresholds": [{"view": "Month", "metric": "answered", "below": 1}]}, "The closest is answered_rate"),
        ({"thresholds": [{"view": "Month", "metric": "answered_rate"}]}, "needs a number"),
        ({"thresholds": [{"view": "Month", "metric": "answered_rate", "below": 1, "above": 2}]}, "needs a number"),
        ({"thresholds": [{"view": "Month", "metric": "answered_rate", "below": "0.8"}]}, "needs a number"),
        ({"thresholds": [{"view": "Month", "metric": "answered_rate", "below": True}]}, "needs a number"),
        ({"thresholds": [{"view": "Month", "metric": "answered_rate", "below": float("nan")}]}, "needs a number"),
        ({"files": [{"kind": "gladly_contact_export"}]}, "A rule has no pattern"),
        ({"files": [{"files": "*.csv", "kind": "gladly"}]}, "The rule for *.csv: There is no kind of export 'gladly'"),
        ({"files": [{"files": "*.csv", "file_timezone": "Mars"}]}, "Mars"),
        ({"files": [{"files": "*.csv", "zone": "UTC"}]}, "There is no key of the rule for *.csv 'zone'"),
        ({"files": [{"files": "*.csv", "mapping": {"kind": "x"}}]}, "The mapping of the rule for *.csv"),
        ({"thresholds": [{"view": "Month", "metric": "answered_rate", "below": 10**400}]}, "needs a number"),
        ({"views": [PINNED]}, "has a pinned period"),
        ({"files": [{"files": 7}]}, '"files" of a rule for files is no text'),
    ],
)  # fmt: skip
def test_a_recipe_that_is_none_says_what_is_wrong_in_one_line(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadSelection) as caught:
        recipes.parsed(json.dumps(MONTH | change), "monthly.json")
    assert str(caught.value).startswith("monthly.json: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_threshold_finds_its_view_whatever_blanks_are_in_its_title() -> None:
    watched = {"view": " Month  ", "metric": "answered_rate", "below": 1}
    assert recipes.of_values(MONTH | {"thresholds": [watched]}).thresholds[0].view == "Month"


def test_properties_that_never_end_are_read_in_no_time(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "odd.xlsx", "w") as package:
        package.writestr("docProps/custom.xml", "<property " + 'name="" ' * 130_000)
    began = time.monotonic()
    with pytest.raises(BadSelection, match=r"^odd\.xlsx: carries no recipe"):
        recipes.read(tmp_path / "odd.xlsx")
    assert time.monotonic() - began < 20  # a second at most; it took minutes


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", "[" * 100_000, '{"format": 1}', json.dumps(MONTH | {"name": "\ud800"})]
)
def test_a_text_that_is_no_recipe_is_said(text: str) -> None:
    with pytest.raises(BadSelection, match=r"^x\.json: not a recipe"):
        recipes.parsed(text, "x.json")


def test_a_recipe_is_the_same_after_its_file() -> None:
    mapping = ColumnMapping("lexer_orders", (("Bill", "order_id"), ("Till", None)))
    rules = (*WEEKLY.rules, Rule("bills*", Choices(mapping=mapping, decimal="comma", encoding="cp1250", sheet="1")))
    recipe = replace(WEEKLY, rules=rules, parts=(*WEEKLY.parts, Part("Moving", FIXED, "last_month")))
    assert recipes.parsed(recipe.as_text(), "x") == recipe


def test_dates_of_a_pack_take_the_place_of_a_views_own_and_of_days_compared_with_them() -> None:
    moved = Part("Moving", replace(FIXED, query=FIXED.query | {"compare": ["2026-10-06..2026-10-19"]}), "last_month")
    assert dict(moved.query) == {"preset": ["last_month"]}
    assert dict(Part("Moving", FIXED, "last_month").query) == {"compare": ["preceding"], "preset": ["last_month"]}
    assert Part("Fixed", FIXED).query == FIXED.query


def test_the_first_rule_whose_pattern_fits_a_name_says_how_it_is_read() -> None:
    first, second = (
        Rule("contactexport-2024*", Choices(zone="UTC")),
        Rule("*.csv", Choices(kind="gladly_contact_export")),
    )
    recipe = replace(WEEKLY, rules=(first, second))
    assert recipe.choices_for("/in/ContactExport-2024.CSV") == first.choices
    assert recipe.choices_for("other.csv") == second.choices
    assert recipe.choices_for("other.xlsx") == NOTHING_SAID


def test_rules_follow_from_the_loads_that_needed_a_choice(desk: Desk) -> None:
    desk.load(contact(), name="ContactExport-20240301-20240331.csv", file_timezone="Europe/Vienna")
    desk.load(contact(contact_id="b"), name="ContactExport-20240401-20240430.csv", file_timezone="UTC")
    desk.load(contact(contact_id="c"), name="Contact_Export_2.csv")
    desk.load(contact(contact_id="d"), name="Export [EU] 2024.csv", kind="gladly_contact_export", file_timezone="UTC")
    newest, other = recipes.rules_of_loads(desk.workbench.workspace)
    assert other == Rule("ContactExport-*.csv", Choices(zone="UTC"))
    assert replace(WEEKLY, rules=(newest,)).rule_for("Export [EU] 2025.csv") == newest


def test_recipes_are_kept_by_name_and_one_of_a_later_version_is_said(desk: Desk) -> None:
    workspace = desk.workbench.workspace
    recipes.save(workspace, WEEKLY)
    recipes.save(workspace, replace(WEEKLY, title="Another title"))
    workspace.keep("insert into recipes values ('later', ?)", ['{"format": "later"}'])
    found = recipes.saved(workspace)
    assert [*found] == ["later", "weekly"]
    assert isinstance(found["later"], WorkbenchError)
    assert recipes.named(workspace, "weekly").title == "Another title"
    with pytest.raises(WorkbenchError, match="There is no recipe 'weeky'"):
        recipes.named(workspace, "weeky")
    recipes.delete(workspace, "later")
    assert [*recipes.saved(workspace)] == ["weekly"]


@pytest.mark.parametrize("content", [b"", b"PK\5\6" + b"\0" * 18, b"PK\3\4rubbish", b"x" * 100])
def test_a_workbook_that_is_none_or_carries_no_recipe_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.xlsx"
    path.write_bytes(content)
    with pytest.raises(WorkbenchError, match=r"^odd\.xlsx: "):
        recipes.read(path)


def test_a_page_alone_carries_no_recipe(desk: Desk, tmp_path: Path) -> None:
    desk.load(contact())
    path = desk.workbench.report("contact_export").to_excel(tmp_path / "page.xlsx")
    with pytest.raises(BadSelection, match=r"^page\.xlsx: carries no recipe"):
        recipes.read(path)


def test_the_documented_recipe_is_one() -> None:
    text = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
    recipe = recipes.parsed(text.partition("```json\n")[2].partition("```")[0], "docs")
    assert [part.title for part in recipe.parts] == ["Voice", "Inbound"]
