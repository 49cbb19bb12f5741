"""respond.io's conversations and channels: what their files hold, oddities included."""

from pathlib import Path

import openpyxl
import pytest

from tests.builders import Desk, conversation, plain, row, user, written
from workbench.cli import main
from workbench.errors import WorkbenchError
from workbench.exports.respondio import CONVERSATIONS
from workbench.intake.meanings import explained

KIND = "respondio_conversations"


def stored(desk: Desk, *names: str) -> list[tuple[object, ...]]:
    return desk.stored(f"select {', '.join(names)} from respondio_conversation_rows order by conversation_id")


def test_the_header_is_the_thirty_columns_of_the_vendor_in_order() -> None:
    assert len(CONVERSATIONS.columns) == 30
    assert [column.headers[0] for column in CONVERSATIONS.columns][:3] == [
        "Conversation ID", "DateTime Conversation Started", "DateTime Conversation Resolved",
    ]  # fmt: skip


def test_durations_are_hours_minutes_and_seconds_beyond_a_day_too(desk: Desk) -> None:
    desk.load_kind(
        KIND,
        conversation(conversation_id="1", resolution_seconds="0:00:00", first_response_seconds="0:01:05"),
        conversation(conversation_id="2", resolution_seconds="24:00:00", first_response_seconds="-0:00:05"),
        conversation(conversation_id="3", resolution_seconds="123:04:05", first_response_seconds="-"),
    )
    assert stored(desk, "resolution_seconds", "first_response_seconds") == [
        (0, 65), (86_400, -5), (443_045, None),
    ]  # fmt: skip


def test_both_forms_of_dates_are_read_and_the_day_stands_first(desk: Desk) -> None:
    """12 in second place is a month, and proves nothing."""
    desk.load_kind(
        KIND,
        conversation("2024-03-05 10:00:00", conversation_id="1"),
        conversation("05/03/2024 10:00", conversation_id="2"),
        conversation("05/12/2024 10:00", conversation_id="3"),
        conversation("31/03/2024 23:59", conversation_id="4"),
        name="Conversations.csv",
    )
    assert [str(at) for (at,) in stored(desk, "started_at")] == [
        "2024-03-05 10:00:00", "2024-03-05 10:00:00", "2024-12-05 10:00:00", "2024-03-31 23:59:00",
    ]  # fmt: skip


def test_a_value_over_12_in_second_place_asks_for_the_order(desk: Desk) -> None:
    rows = conversation("03/13/2024 10:00"), conversation("03/04/2024 10:00")
    with pytest.raises(WorkbenchError, match=r"value over 12 in second place.*--date-order dmy or mdy"):
        desk.load_kind(KIND, *rows)
    desk.load_kind(KIND, *rows, date_order="mdy")
    assert [str(at) for (at,) in stored(desk, "started_at")] == ["2024-03-13 10:00:00", "2024-03-04 10:00:00"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("auto_close", "AUTO_CLOSE"), ("Auto-close", "AUTO_CLOSE"), ("AI Agent", "AI_AGENT"), ("ai_agent", "AI_AGENT"),
        ("Developer API", "API"), ("api", "API"), ("N8N", "N8N"), (" user ", "USER"),
    ],
)  # fmt: skip
def test_sources_are_codes_or_labels(desk: Desk, said: str, code: str) -> None:
    outcome = desk.load_kind(KIND, conversation(closed_source=said))
    assert stored(desk, "closed_source") == [(code,)]
    assert not any("codes that are not known" in warning for warning in outcome.warnings)


def test_a_source_that_is_not_known_is_loaded_and_said(desk: Desk) -> None:
    outcome = desk.load_kind(KIND, conversation(opened_source="carrier pigeon"), conversation(opened_source="contact"))
    assert outcome.rows_loaded == 2
    warning = "Opened By Source has codes that are not known, kept as they are: CARRIER_PIGEON"
    assert warning in outcome.warnings
    assert all(remark.means for remark in explained(outcome.warnings))


def test_what_resolves_or_is_answered_before_it_starts_is_loaded_and_said(desk: Desk) -> None:
    """At the very second of its start it is not."""
    outcome = desk.load_kind(
        KIND,
        conversation("2024-03-05 10:00:00", resolved_at="2024-03-05 09:59:59"),
        conversation("2024-03-05 10:00:00", resolved_at="2024-03-05 10:00:00", first_response_at="2024-03-05 09:00:00"),
    )
    assert (outcome.rows_loaded, outcome.rows_rejected) == (2, 0)
    assert [warning for warning in outcome.warnings if "before" in warning] == [
        "1 row has DateTime Conversation Resolved before DateTime Conversation Started, and loaded",
        "1 row has DateTime First Response before DateTime Conversation Started, and loaded",
    ]
    assert all(remark.means for remark in explained(outcome.warnings))


def test_a_first_response_without_a_start_is_rejected_with_the_reason(desk: Desk) -> None:
    outcome = desk.load_kind(KIND, conversation(), conversation("", first_response_at="2024-03-05 09:00:00"))
    assert (outcome.rows_loaded, outcome.rows_rejected) == (1, 1)
    assert [outcome.rejects[0][key] for key in ("column", "reason")] == ["DateTime Conversation Started", "missing"]


def test_a_load_covers_the_days_from_the_first_start_to_the_last_resolution(desk: Desk) -> None:
    outcome = desk.load_kind(
        KIND,
        conversation("2024-03-05 23:00:00", resolved_at="2024-03-06 01:00:00"),
        conversation("2024-03-04 10:00:00", resolved_at="2024-03-09 10:00:00"),
        conversation("2024-03-07 10:00:00", resolved_at=None),
        name="Conversations.csv",
    )
    assert (str(outcome.period_from), str(outcome.period_to)) == ("2024-03-04", "2024-03-09")


def test_a_later_file_restates_a_conversation(desk: Desk) -> None:
    desk.load_kind(
        KIND, conversation(conversation_id="1", resolved_at=None), conversation(conversation_id="2", contact_id="8")
    )
    later = (
        conversation(conversation_id="1", resolved_at="2024-03-08 10:00:00"),
        conversation(conversation_id="2", contact_id="8"),
    )
    outcome = desk.load_kind(KIND, *later, name="Conversations-20240302-20240331.csv")
    assert (outcome.rows_updated, outcome.rows_unchanged) == (1, 1)
    again = desk.load_kind(KIND, conversation(conversation_id="1", resolved_at=None), name="Conversations.csv")
    assert any("replaced one that looked newer" in warning for warning in again.warnings)


DAMAGED = ("conversation_id", "contact_id", "assignee", "closed_by", "first_assignee", "opened_channel")


@pytest.mark.parametrize("column", DAMAGED)
@pytest.mark.parametrize("text", ["1.70965E+15", "1,70965E+15", "1787048123000001.0"])
def test_an_id_that_a_spreadsheet_has_shortened_is_said_and_is_no_key(desk: Desk, column: str, text: str) -> None:
    outcome = desk.load_kind(KIND, conversation(**{column: text}), conversation())
    damaged = CONVERSATIONS.column(column)
    example = "" if damaged.is_personal or damaged.is_staff else f" ({text})"
    said = f"{damaged.headers[0]} that a spreadsheet has shortened, or may have{example}:"
    assert [said in warning for warning in outcome.warnings].count(True) == 1
    assert outcome.rows_rejected == (column == "conversation_id" and "E" in text)


def test_ids_of_sixteen_digits_that_a_sheet_holds_as_numbers_are_no_keys(desk: Desk) -> None:
    book = openpyxl.Workbook()
    rows = [conversation(conversation_id="1787048123000001"), conversation(conversation_id="1787048123000002")]
    sheet = book.worksheets[0]
    sheet.append(list(rows[0]))
    for each in rows:
        sheet.append([float(value) if header == "Conversation ID" else value for header, value in each.items()])
    book.save(desk.folder / "Conversations.xlsx")
    outcome = desk.workbench.load(desk.folder / "Conversations.xlsx", file_timezone="UTC")
    assert (outcome.rows_read, outcome.rows_rejected) == (2, 2)
    assert any("2 rows have a Conversation ID that a spreadsheet has shortened" in text for text in outcome.warnings)


def test_the_command_line_refuses_with_the_option_and_loads_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    started = conversation("03/13/2024 10:00", resolved_at="")
    file, path = written(tmp_path / "Conversations.csv", [started], list(started)), str(tmp_path / "w.duckdb")
    command = ["load", str(file), "--workspace", path, "--file-timezone", "UTC"]
    assert main(command) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "--date-order dmy or mdy" in line
    assert main([*command, "--date-order", "dmy"]) == 0
    assert "'03/13/2024 10:00', not a date and time" in capsys.readouterr().err
    assert main([*command, "--date-order", "mdy"]) == 0


@pytest.mark.parametrize("number", ["0.000335648", "65", "-5"])
def test_a_duration_that_is_no_clock_is_read_as_seconds_and_said(desk: Desk, number: str) -> None:
    """In a sheet half a day is 0.5."""
    outcome = desk.load_kind(
        KIND,
        conversation(conversation_id="1", first_response_seconds=number, resolution_seconds="0"),
        conversation(conversation_id="2", first_response_seconds="0:00:30", resolution_seconds="1:00:00"),
        conversation(conversation_id="3", average_response_time_seconds=number),
    )
    assert stored(desk, "first_response_seconds") == [(float(number),), (30,), (None,)]
    said = f"First Response Time ({number}), Average Response Time ({number})"
    assert f"Durations that are plain numbers were read as seconds: {said}" in outcome.warnings


def test_another_reporting_zone_moves_both_moments(desk: Desk) -> None:
    desk.load_kind(KIND, conversation("2024-03-05 23:30:00", resolved_at="2024-03-05 23:45:00"))
    desk.workbench.set("reporting_zone", "Europe/Berlin")
    assert [tuple(map(str, times)) for times in stored(desk, "started_at_local", "resolved_at_local")] == [
        ("2024-03-06 00:30:00", "2024-03-06 00:45:00")
    ]


def test_ids_become_names_once_their_lists_are_loaded(desk: Desk) -> None:
    """The file's own ID is kept beside the name, and one that no list has stays."""
    desk.load_kind(KIND, conversation(closed_by="700001", first_assignee="700009", opened_channel="31"))
    shown = ("closed_by", "first_assignee", "opened_channel", "exported_closed_by")

    def log() -> list[dict[str, object]]:
        return plain(desk.workbench.report("conversations").tile("log", columns=shown))

    assert log() == [dict(zip(shown, ("700001", "700009", "31", "700001"), strict=True))]
    desk.load_kind("respondio_users", user(user_id="700001", name="Bo"), name="Users.csv")
    desk.load_kind(
        "respondio_channels", row("respondio_channels", {"channel_id": "31", "name": "WhatsApp"}), name="Channels.csv"
    )
    assert log() == [dict(zip(shown, ("Bo", "700009", "WhatsApp", "700001"), strict=True))]
