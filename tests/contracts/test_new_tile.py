"""A new tile gets filters, comparison, drill, pins, charts and SQL by its declaration and its SELECT alone."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from workbench import Workbench
from workbench.ask import answers
from workbench.ask.engine import frame
from workbench.ask.logs import Page, log_count, log_rows
from workbench.ask.question import Question
from workbench.ask.relations import query
from workbench.ask.selection import Selection, cell_rows, parsed, pin_of
from workbench.drawing import charts
from workbench.drawing.marks import FADED, Look
from workbench.errors import WorkbenchError
from workbench.reports import REPORTS, Metric, Report, Tile

# A report of one tile and a log, whose SELECTs are those of Contact export's files of these names.
EXPORT = REPORTS["contact_export"]
CALM = Metric("contacts", "Contacts", "count", "Every contact.", "count of contacts", decomposes="sum")
TILE = Tile("by_status", "How it ended", "bar", EXPORT.main, ("status", "contacts"), ("status",), ("contacts",))
TOY = Report(
    "contact_export", "Toy", "Gladly", EXPORT.icon, "A toy.", "contacts", EXPORT.kinds, EXPORT.main,
    EXPORT.filters, (CALM,), (TILE, EXPORT.log), (),
)  # fmt: skip
ASKED = Selection(date(2026, 11, 2), date(2026, 11, 8), compare="preceding")


def rows(sample: Workbench, selection: Selection) -> list[tuple[str | None, int, float]]:
    """Return the tile's statuses with their contacts, now and before."""
    found = answers.rows(Question(sample.workspace, TOY, selection), TILE)
    keys = [None if status != status else status for status in found["status"]]
    return list(zip(keys, found["contacts"], found["contacts_before"], strict=True))


def test_its_cells_open_their_rows_now_and_before(sample: Workbench) -> None:
    earlier = replace(ASKED, start=date(2026, 10, 26), end=date(2026, 11, 1))
    assert len(rows(sample, ASKED)) > 2
    for status, now, before in rows(sample, ASKED):
        for selection, number in ((ASKED, now), (earlier, before)):
            asked = cell_rows(TOY, selection, {"status": [status or ""]}, "contacts")
            assert log_count(Question(sample.workspace, TOY, asked), TOY.log) == number


def test_it_follows_filters_and_other_pins_and_keeps_its_values_under_its_own(sample: Workbench) -> None:
    mine, other = (("status", ("ANSWERED",)),), (("channel", ("EMAIL",)),)
    plain = rows(sample, ASKED)
    assert rows(sample, replace(ASKED, pins=(mine,))) == plain
    followed = rows(sample, replace(ASKED, pins=(mine, other)))
    assert followed == rows(sample, replace(ASKED, filters=other)) != plain
    pinned = replace(ASKED, pins=(mine, other))
    log = log_rows(Question(sample.workspace, TOY, pinned), TOY.log, Page(columns=("status",)))
    assert len(log) == {status: now for status, now, _ in followed}["ANSWERED"]
    assert parsed(TOY, pinned.as_query()) == pinned


def test_its_chart_has_a_pin_for_every_mark_and_dims_those_that_are_not_pinned(sample: Workbench) -> None:
    found = answers.rows(Question(sample.workspace, TOY, ASKED), TILE)
    pins = [pin_of(TOY, TILE, found.iloc[[n]]) for n in range(len(found))]
    drawn = charts.drawn(TOY, TILE, found, Look(pinned=pins[1]))
    assert sorted(drawn.pins.values()) == sorted(pins)
    strengths = {drawn.pins[mark["cell"]]: mark["strength"] for mark in marks(drawn.chart.to_dict())}
    assert strengths == {pin: 1.0 if pin == pins[1] else FADED for pin in pins}


def test_its_chart_names_a_mark_by_what_it_pins_wherever_it_stands(sample: Workbench) -> None:
    found = answers.rows(Question(sample.workspace, TOY, ASKED), TILE)
    drawn, moved = (charts.drawn(TOY, TILE, rows, Look()) for rows in (found, found.iloc[1:]))
    by_week = charts.drawn(TOY, TILE, found, Look(rollup="week"))
    assert by_week.pins.keys().isdisjoint(drawn.pins)  # a day and the week that it begins are different periods
    assert moved.pins
    assert set(moved.pins.items()) < set(drawn.pins.items())


def marks(chart: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows that a chart draws."""
    return [mark for mark in chart["data"]["values"] if "cell" in mark]


def test_its_sql_runs_as_it_is_in_a_shell(sample: Workbench) -> None:
    asked = replace(ASKED, pins=((("channel", ("EMAIL",)),),))
    sql = query(Question(sample.workspace, TOY, asked), TILE).filled_in()
    assert [row[:2] for row in sample.workspace.rows(sql)] == [row[:2] for row in rows(sample, asked)]


@pytest.mark.parametrize(
    "text",
    [
        "select count(*) as contacts from gladly_contacts",
        "-- Größe – in « Zeichen »\nselect 'é' as é, count(*) as contacts from gladly_contacts -- 😀",
        'select count(*) as contacts from "gladly_contacts"',
        "SELECT COUNT(*) AS CONTACTS FROM GLADLY_CONTACTS",
        'with mine as (select * from "Gladly_Contacts") select count(*) as contacts from mine',
    ],
)
def test_its_filters_hold_however_its_sql_is_written(sample: Workbench, text: str) -> None:
    question = Question(sample.workspace, TOY, replace(ASKED, filters=(("channel", ("CHAT",)),)))
    found = frame(sample.workspace, query(question, TILE, text)).rename(columns=str.lower)
    assert found["contacts"].tolist() == [log_count(question, TOY.log)]
    assert found["contacts"][0] < log_count(Question(sample.workspace, TOY, ASKED), TOY.log)


@pytest.mark.parametrize("base", ["lexer_orders", "lexer_credits"])
@pytest.mark.parametrize("beside", ["", ", lexer_messages_credited"])
def test_what_its_relations_rest_on_is_of_the_range_alone_and_beside_them(
    sample: Workbench, base: str, beside: str
) -> None:
    report = REPORTS["messaging_overview"]
    counted = "count(distinct {0}.row_id) filter ({0}.ordered_at >= '2026-11-02' and {0}.ordered_at < '2026-11-09')"
    text = f"select count(distinct {base}_dated.row_id) as dated, {counted.format(base)} as n"
    asked = query(
        Question(sample.workspace, report, ASKED), report.tiles[0], f"{text} from {base}, {base}_dated{beside}"
    )
    ((dated, n),) = frame(sample.workspace, asked).itertuples(index=False)
    assert dated == n > 0


def cards(folder: Path, text: str) -> Tile:
    """Return a row of cards with a SELECT of its own."""
    (folder / "cards.sql").write_text(text, encoding="utf-8")
    return replace(TILE, shape="metrics", columns=("contacts",), dimensions=(), sql=str(folder / "cards"))


def test_its_cards_have_a_number_for_every_period_that_come_to_the_total(sample: Workbench, tmp_path: Path) -> None:
    tile = cards(tmp_path, "select count(*) as contacts\nfrom (select * from GLADLY_CONTACTS)")
    question = Question(sample.workspace, TOY, replace(ASKED, rollup="day"))
    by_day = answers.over_time(question, tile)["contacts"]
    assert len(by_day) == 7
    assert by_day.sum() == answers.rows(question, tile)["contacts"][0] > by_day.max() > 0


@pytest.mark.parametrize(
    "text",
    [
        "with counted as (select count(*) as contacts from gladly_contacts) select contacts from counted",
        "select count(*) as contacts from gladly_contacts union all select 0 limit 1",
        "select count(*) as contacts from gladly_contacts limit 1",
        "select count(*) as contacts from gladly_contacts group by channel",
        "select count(*) as contacts from periods",
        "selec count(*) as contacts from gladly_contacts",
    ],
)
def test_cards_that_cannot_go_by_periods_have_none(sample: Workbench, tmp_path: Path, text: str) -> None:
    question = Question(sample.workspace, TOY, ASKED)
    assert answers.over_time(question, cards(tmp_path, text)).empty


def test_cards_whose_rows_have_no_period_do_not_take_that_of_another(sample: Workbench, tmp_path: Path) -> None:
    tile = cards(tmp_path, "select sum(n) as contacts from (select count(*) as n from gladly_contacts)")
    with pytest.raises(WorkbenchError):
        answers.over_time(Question(sample.workspace, TOY, ASKED), tile)


def test_the_question_about_the_range_before_is_told_from_its_own(sample: Workbench) -> None:
    question = Question(sample.workspace, TOY, ASKED)
    assert question.earlier != question
    assert question.earlier.key != question.key
    assert question.asking(replace(ASKED)) is question
    assert question.asking(replace(ASKED, rollup="week")) != question


@pytest.mark.parametrize("module", ["drill.py", "tiles.py", "tables.py", "sql.py", "saving.py", "sidebar.py"])
def test_no_part_of_a_page_names_a_tile(module: str) -> None:
    text = (Path(__file__).parents[2] / "workbench" / "ui" / module).read_text(encoding="utf-8")
    names = {tile.name for report in REPORTS.values() for tile in report.tiles} - {"totals", "log", "durations"}
    assert [name for name in names if f'"{name}"' in text] == []
