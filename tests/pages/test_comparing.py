"""One comparison through every face: the page, the command line, a notebook and the workbook say the same."""

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from tests.builders import contact, written
from tests.workbook.opened import figures
from workbench import Workbench
from workbench.cli import main
from workbench.drawing import formats
from workbench.reports import REPORTS
from workbench.ui import session

REPORT = REPORTS["inbound_contacts"]
SAID = "3 to 9 Mar 2024 (6 of 7 days loaded)"
NOT_LOADED = "Not loaded, or not for everything selected: 12 Mar 2024, 00:00 to 13 Mar 2024, 00:00"


@pytest.fixture
def partly(loaded: Callable[..., None], tmp_path: Path) -> None:
    """Load the days from 1 to 16 March but for the 12th, each with as many contacts as its number."""
    for first, last in ((1, 11), (13, 16)):
        rows = [
            contact(f"2024-03-{day:02} 10:00:00", customer_id=f"{n % 3}" if n % 3 else None)
            for day in range(first, last + 1)
            for n in range(day)
        ]
        loaded(written(tmp_path / f"ContactExport-202403{first:02}-202403{last:02}.csv", rows))


@pytest.mark.usefixtures("partly")
def test_every_face_compares_with_the_same_days_and_says_how_much_is_loaded(
    opened: Callable[..., AppTest], workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workbench = Workbench(workspace)
    report = workbench.report("inbound_contacts", preset="last_7_days", compare="matching")
    (row,), said = report.tile("totals").to_dict("records"), report.compared_with
    assert f"\nCompared with {said}\n" in repr(report)
    assert f"\n{NOT_LOADED}\n" in repr(report)
    book = openpyxl.load_workbook(report.to_excel(tmp_path / "pack.xlsx"))
    workbench.close()
    assert (row["inbound_contacts_before"], said) == (3 + 4 + 6 + 7 + 8 + 9, SAID)

    about = dict(line[:2] for line in book.worksheets[0].iter_rows(values_only=True))
    assert (about["Compared with"], about["Coverage"]) == (said, NOT_LOADED)
    for metric in REPORT.metrics:
        figure = figures(book["Summary"])[metric.label]
        assert [figure[each] for each in ("Now", "Before", "Change")] == [
            pytest.approx(row[f"{metric.name}{ending}"]) for ending in ("", "_before", "_change")
        ]

    capsys.readouterr()
    asked = ["inbound_contacts", "--preset", "last_7_days", "--compare", "matching"]
    assert main(["show", *asked[:1], "totals", *asked[1:], "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out), f"Compared with {said}\n" in err, f"{NOT_LOADED}\n" in err) == ([row], True, True)
    assert main(["export", *asked, "--to", str(tmp_path / "again.xlsx")]) == 0
    assert f"Compared with {said}" in capsys.readouterr().err

    app = opened(preset="last_7_days")
    assert any(f"compared with {said}" in caption.value for caption in app.caption)
    assert [card.delta for card in app.metric] == [
        formats.change(row[f"{metric.name}_change_rate"], row[f"{metric.name}_change"], metric)
        for metric in REPORT.metrics
    ]


@pytest.mark.usefixtures("partly")
def test_a_range_before_that_is_not_wholly_loaded_is_said_and_leaves_no_change(
    opened: Callable[..., AppTest], workspace: Path, tmp_path: Path
) -> None:
    said = "comparison: 11 to 17 Feb 2024 is not wholly loaded"
    workbench = Workbench(workspace)
    report = workbench.report("inbound_contacts", preset="last_7_days", compare="weekdays")
    book = openpyxl.load_workbook(report.to_excel(tmp_path / "pack.xlsx"))
    assert (report.compared_with, f"\nNo {said}\n" in repr(report)) == (f"No {said}", True)
    workbench.close()
    about = dict(line[:2] for line in book.worksheets[0].iter_rows(values_only=True))
    assert about["Compared with"] == f"No {said}"
    app = opened(preset="last_7_days", compare="weekdays")
    assert any(f"no {said}" in caption.value for caption in app.caption)
    assert not any(card.delta for card in app.metric)


def test_a_saved_or_old_link_keeps_the_comparison_that_it_names(opened: Callable[..., AppTest]) -> None:
    for link, shown in (({"compare": "preceding"}, "17 Sep to 16 Oct 2026"), ({}, "12 Sep to 11 Oct 2026")):
        app = opened(preset="last_30_days", **link)
        assert any(f"compared with {shown}" in caption.value for caption in app.caption)
        assert app.query_params["compare"] == link.get("compare", "matching")


def test_a_card_is_coloured_only_past_what_is_usual_and_volume_never(
    opened: Callable[..., AppTest], loaded: Callable[..., None], workspace: Path, tmp_path: Path
) -> None:
    waits = {4: (100, 100, 100, 100), 5: (111, 111, 111, 111, 111, 111, 111, 111)}
    rows = [
        contact(f"2024-03-0{day} 10:00:00", queued_to_fulfilled_seconds=str(wait), channel="PHONE_CALL")
        for day, seconds in waits.items()
        for wait in seconds
    ]
    loaded(written(tmp_path / "ContactExport-20240304-20240305.csv", rows))
    colour = type(opened().metric[0].proto).MetricColor
    query = {"from_": "2024-03-05", "to": "2024-03-05", "compare": "preceding"}
    for limit, median in (("0.10", colour.RED), ("0.12", colour.GRAY)):
        session.close()
        workbench = Workbench(workspace)
        workbench.set("quiet_change", limit)
        workbench.close()
        cards = {card.label: card.proto for card in opened("contact_export", **query).metric}
        assert {cards["Contacts"].color, cards["Inbound"].color} == {colour.GRAY}
        assert (cards["Median wait"].color, cards["Median wait"].delta) == (median, "+11.0 %")
