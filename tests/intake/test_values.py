"""Text to values: what each type takes, and that what does not fit is rejected with its row, never blanked."""

from typing import Any

import pytest

from tests.builders import HEADERS, Desk, contact
from workbench.errors import ChoiceNeeded, FileRefused

# Types ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0), ("17149.683457143", 17149.683457143), ("-3.5", -3.5), ("0.000000001", 1e-9), ("1,234.5", 1234.5),
        ("1:05", 65.0), ("01:02:03", 3723.0), ("1:02:03:04", 93784.0), ("-0:05:30", -330.0), ("0:00:01.25", 1.25),
        (" 12.5 ", 12.5), ("Null", None), ("", None),
    ],
)  # fmt: skip
def test_a_duration_is_seconds_or_a_clock(desk: Desk, text: str, seconds: float | None) -> None:
    report = desk.load(contact(queued_to_fulfilled_seconds=text))
    assert report.rows_loaded == 1
    assert desk.columns("queued_to_fulfilled_seconds") == [(seconds,)]


@pytest.mark.parametrize(
    ("text", "count"), [("3", 3), ("0", 0), ("-2", -2), ("1,234", 1234), (" 7 ", 7), ("5.0", 5), ("Null", None)]
)
def test_a_count_is_a_whole_number(desk: Desk, text: str, count: int | None) -> None:
    desk.load(contact(times_offered=text))
    assert desk.columns("times_offered") == [(count,)]


@pytest.mark.parametrize(("text", "amount"), [("12.5", 12.5), ("-3", -3.0), ("1,234,567.89", 1234567.89)])
def test_an_amount_is_a_number(desk: Desk, text: str, amount: float) -> None:
    desk.load(contact(payment_amount_completed_usd=text))
    assert desk.columns("payment_amount_completed_usd") == [(amount,)]


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("times_offered", "5.75", "not a whole number"), ("times_offered", "many", "not a whole number"),
        ("times_offered", "nan", "not a whole number"), ("times_offered", "inf", "not a whole number"),
        ("times_offered", "12,34", "not a whole number"), ("times_offered", "99999999999999999999",
        "not a whole number"),
        ("talk_seconds", "nan", "not a number of seconds or h:mm:ss"), ("talk_seconds", "inf",
        "not a number of seconds or h:mm:ss"),
        ("talk_seconds", "-Infinity", "not a number of seconds or h:mm:ss"), ("talk_seconds",
        "soon", "not a number of seconds or h:mm:ss"),
        ("talk_seconds", "12,5", "not a number of seconds or h:mm:ss"), ("talk_seconds", "1e400",
        "not a number of seconds or h:mm:ss"),
        ("payment_amount_completed_usd", "nan", "not a number"), ("payment_amount_completed_usd", "$5", "not a number"),
        ("ended_at", "yesterday", "not a date and time"), ("ended_at", "2024-02-30 10:00:00", "not a date and time"),
        ("ended_at", "infinity", "not a date and time"), ("ended_at", "10:00:00", "not a date and time"),
        ("ended_at", "epoch", "not a date and time"), ("ended_at", "2024-03-05 (BC) 1:00", "not a date and time"),
        ("queued_at", "soon", "not a date and time"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_rejected_with_row_column_value_and_reason(
    desk: Desk, column: str, text: str, reason: str
) -> None:
    report = desk.load(contact(contact_id="a"), contact(contact_id="b", **{column: text}), contact(contact_id="c"))
    assert report.rejects == ({"row": 3, "column": HEADERS[column], "value": text, "reason": reason},)
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (3, 2, 1)
    assert desk.columns("contact_id") == [("a",), ("c",)]


@pytest.mark.parametrize(("column", "header"), [("contact_id", "Contact ID"), ("queued_at", "Queued At")])
def test_a_row_without_its_key_or_time_is_rejected(desk: Desk, column: str, header: str) -> None:
    report = desk.load(contact(), contact(**({"contact_id": "b"} | {column: ""})))
    assert report.rejects == ({"row": 3, "column": header, "value": None, "reason": "missing"},)


def test_a_row_with_two_misfits_is_one_row_and_two_rejects(desk: Desk) -> None:
    report = desk.load(contact(times_offered="x", talk_seconds="y"), contact())
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (2, 1, 1)
    assert {reject["value"] for reject in report.rejects} == {"x", "y"}


def test_ids_are_text_and_keep_case_leading_zeros_and_signs(desk: Desk) -> None:
    ids = ["-abc", "_ABC", "_abc", "00123", "1e5", "+1", "12345678901234567890"]
    desk.load(*(contact(contact_id=text, customer_id=text) for text in ids))
    assert desk.columns("contact_id", "customer_id") == [(text, text) for text in ids]


def test_an_id_of_nothing_but_protection_or_blanks_is_missing(desk: Desk) -> None:
    texts = ["a", '"="""""', "'", "\xa0", "\t", "b"]
    lines = [f"{text},2024-03-05 10:00:00" for text in texts]
    report = desk.load_text("\n".join(["Contact ID,Queued At", *lines, "c,soon"]))
    assert [(reject["row"], reject["column"]) for reject in report.rejects] == [
        *((row, "Contact ID") for row in (3, 4, 5, 6)), (8, "Queued At"),
    ]  # fmt: skip
    assert (report.rows_loaded, report.rows_rejected) == (2, 5)


@pytest.mark.parametrize("neighbour", ["b", " b"])
def test_blanks_around_an_id_do_not_count_whatever_stands_beside_it(desk: Desk, neighbour: str) -> None:
    desk.load_text(f"Contact ID,Queued At\n\xa0a,2024-03-05 10:00:00\n{neighbour},2024-03-05 10:00:00\n")
    assert desk.columns("contact_id") == [("a",), ("b",)]


def test_enums_are_upper_cased_and_unknown_ones_are_loaded(desk: Desk) -> None:
    desk.load(contact(channel="Chat", status="Carrier_Pigeon", direction="inbound"))
    assert desk.columns("channel", "status", "direction") == [("CHAT", "CARRIER_PIGEON", "INBOUND")]


def test_text_keeps_commas_quotes_line_breaks_accents_and_blanks(desk: Desk) -> None:
    texts = ['a, "b" | c', "line\nbreak", "Žofie 😀", "  blanks  ", "=1+1", "it's", ' "quoted", he said']
    desk.load(*(contact(agent_when_ended=text) for text in texts))
    assert desk.columns("agent_when_ended") == [(text,) for text in texts]


@pytest.mark.parametrize(
    ("text", "stored"),
    [("Voice, Chat", "PHONE_CALL, CHAT"), ("All Channels", "All Channels"), ("Facebook Messenger", "FB_MESSENGER")],
)
def test_channels_of_a_filter_are_stored_as_their_enum_texts(desk: Desk, text: str, stored: str) -> None:
    desk.load(contact(channel_filter=text))
    assert desk.columns("channel_filter") == [(stored,)]


# Times ---------------------------------------------------------------------------------------------------------------


def stored_at(desk: Desk, text: str, zone: str = "America/New_York", **choices: Any) -> str:
    """Load one contact with that text as its time, and return its stored UTC."""
    report = desk.load(contact(text, timezone_filter=zone), name="export.csv", **choices)
    assert report.rejects == ()
    return str(desk.columns("queued_at")[0][0])


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2023-09-27 08:00:00", "2023-09-27 12:00:00"), ("2023-01-27 08:00:00", "2023-01-27 13:00:00"),
        ("2023-09-27 07:30", "2023-09-27 11:30:00"), ("2023-09-27", "2023-09-27 04:00:00"),
        ("2023-09-27T08:00:00", "2023-09-27 12:00:00"), ("2023-09-27 08:00:00.250", "2023-09-27 12:00:00.250000"),
        ("2024-03-13T09:00:00.000Z", "2024-03-13 09:00:00"), ("2024-03-13T09:00:00Z", "2024-03-13 09:00:00"),
        ("2024-03-13T09:00:00+02:00", "2024-03-13 07:00:00"), ("2024-03-13 09:00:00-0500", "2024-03-13 14:00:00"),
        ("2024-03-13T09:00:00.5+05:30", "2024-03-13 03:30:00.500000"), ("2024-03-13T01:00:00+02",
        "2024-03-12 23:00:00"),
    ],
)  # fmt: skip
def test_a_wall_time_is_of_the_files_zone_and_an_offset_is_applied(desk: Desk, text: str, utc: str) -> None:
    assert stored_at(desk, text) == utc


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024/3/13 05:00:00", "2024-03-13 09:00:00"), ("2024/03/13 09:00:00Z", "2024-03-13 09:00:00"),
        ("2024-03-13 09:00+02", "2024-03-13 07:00:00"), ("2024-03-13T09:00+02", "2024-03-13 07:00:00"),
        ("2024-3-13 09:00:00Z", "2024-03-13 09:00:00"), ("2024-03-13 09:00Z", "2024-03-13 09:00:00"),
    ],
)  # fmt: skip
def test_an_offset_is_applied_whatever_its_length(desk: Desk, text: str, utc: str) -> None:
    assert stored_at(desk, text) == utc


@pytest.mark.parametrize(
    ("text", "order", "utc"),
    [
        ("7/12/21 10:48 AM", "mdy", "2021-07-12 10:48:00"), ("7/12/21 10:48 PM", "dmy", "2021-12-07 22:48:00"),
        ("7/12/21 10:48:05 AM", "mdy", "2021-07-12 10:48:05"), ("07/12/2021", "dmy", "2021-12-07 00:00:00"),
        ("12.07.2021 10:48", "dmy", "2021-07-12 10:48:00"), ("12.07.21 10:48", "dmy", "2021-07-12 10:48:00"),
        ("12-07-2021 10:48", "dmy", "2021-07-12 10:48:00"), ("7/12/2021 10:48", "mdy", "2021-07-12 10:48:00"),
    ],
)  # fmt: skip
def test_a_localised_date_is_read_in_the_order_that_is_given(desk: Desk, text: str, order: str, utc: str) -> None:
    assert stored_at(desk, text, "UTC", date_order=order) == utc


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (("7/12/21 10:48 AM", "7/13/21 9:00 PM"), ("2021-07-12 10:48:00", "2021-07-13 21:00:00")),
        (("7/12/2021 10:48", "13/12/2021 09:00"), ("2021-12-07 10:48:00", "2021-12-13 09:00:00")),
        (("01.02.2021 10:48", "31.01.2021 10:48"), ("2021-02-01 10:48:00", "2021-01-31 10:48:00")),
    ],
)
def test_a_value_over_twelve_decides_the_order_of_day_and_month(
    desk: Desk, texts: tuple[str, str], days: tuple[str, str]
) -> None:
    desk.load(*(contact(text) for text in texts), name="export.csv")
    assert tuple(str(at) for (at,) in desk.columns("queued_at")) == days


@pytest.mark.parametrize(
    "texts",
    [
        ["7/12/21 10:48 AM"],
        ["7/12/21 10:48:05 AM"],
        ["07.12.2021 10:48"],
        ["13/1/2021", "1/13/2021"],
        ["12-07-21 10:48"],
    ],
)
def test_an_order_that_nothing_decides_is_asked_for(desk: Desk, texts: list[str]) -> None:
    with pytest.raises(ChoiceNeeded, match="can be read two ways") as asked:
        desk.load(*(contact(text) for text in texts))
    assert asked.value.option == "--date-order"


def test_a_repeated_wall_time_is_the_first_and_said(desk: Desk) -> None:
    rows = [contact(f"2024-11-03 0{hour}:30:00", timezone_filter="America/New_York") for hour in (0, 1, 2)]
    report = desk.load(*rows, name="export.csv")
    assert [str(at) for (at,) in desk.columns("queued_at")] == [
        "2024-11-03 04:30:00", "2024-11-03 05:30:00", "2024-11-03 07:30:00",
    ]  # fmt: skip
    assert desk.columns("clock_change") == [(None,), ("repeated",), (None,)]
    assert "1 wall time came twice when the clock went back; read as the first" in report.warnings


def test_a_skipped_wall_time_is_shifted_forward_and_said(desk: Desk) -> None:
    rows = [contact(f"2024-03-10 0{hour}:30:00", timezone_filter="America/New_York") for hour in (1, 2, 3)]
    report = desk.load(*rows, name="export.csv")
    assert [str(at) for (at,) in desk.columns("queued_at")] == [
        "2024-03-10 06:30:00", "2024-03-10 07:30:00", "2024-03-10 07:30:00",
    ]  # fmt: skip
    assert "1 wall time was skipped when the clock went forward; shifted forward" in report.warnings
    assert str(desk.columns("queued_at_local")[1][0]) == "2024-03-10 03:30:00"


def test_an_instant_in_a_repeated_hour_is_what_it_says_and_no_warning(desk: Desk) -> None:
    report = desk.load(contact("2024-11-03T06:30:00Z", timezone_filter="America/New_York"), name="export.csv")
    assert str(desk.columns("queued_at")[0][0]) == "2024-11-03 06:30:00"
    assert not any("wall times" in warning for warning in report.warnings)


def test_rows_of_two_zones_in_one_file_are_each_of_their_own(desk: Desk) -> None:
    noon = "2024-07-05 12:00:00"
    desk.load(
        *(contact(noon, timezone_filter=zone) for zone in ("America/New_York", "Asia/Kolkata", "America/New_York"))
    )
    assert [f"{at:%H:%M}" for (at,) in desk.columns("queued_at")] == ["16:00", "06:30", "16:00"]


def test_clock_changes_are_said_in_a_file_of_two_zones(desk: Desk) -> None:
    night = ("2024-03-10 02:30:00", "2024-11-03 01:30:00")
    report = desk.load(*(contact(at, timezone_filter=zone) for at in night for zone in ("America/New_York", "UTC")))
    assert desk.columns("clock_change") == [("skipped",), (None,), ("repeated",), (None,)]
    assert sum("wall time" in warning for warning in report.warnings) == 2


def test_an_unknown_zone_refuses_the_file(desk: Desk) -> None:
    with pytest.raises(FileRefused, match="'Mars/Base' is not a time zone"):
        desk.load(contact(timezone_filter="Mars/Base"))
    with pytest.raises(FileRefused, match="'Mars/Base' is not a time zone"):
        desk.load(contact(), contact(timezone_filter="Mars/Base"))


def test_a_blank_after_the_name_of_a_zone_does_not_count(desk: Desk) -> None:
    assert stored_at(desk, "2023-09-27 08:00:00", "America/New_York ") == "2023-09-27 12:00:00"


def test_a_file_without_a_zone_is_of_the_zone_given_else_of_the_reporting_zone(desk: Desk) -> None:
    text = "Contact ID,Queued At\n{},2024-07-05 12:00:00\n"
    desk.load_text(text.format("a"), file_timezone="Asia/Kolkata")
    desk.load_text(text.format("b"))
    desk.load_text(text.format("c"), file_timezone="America/New_York")
    assert [f"{at:%H:%M}" for (at,) in desk.columns("queued_at")] == ["06:30", "06:30", "16:00"]


def test_the_zone_that_a_file_says_wins_over_the_one_given_and_it_says_so(desk: Desk) -> None:
    report = desk.load(contact("2024-07-05 12:00:00", timezone_filter="America/New_York"), file_timezone="Asia/Kolkata")
    assert f"{desk.columns('queued_at')[0][0]:%H:%M}" == "16:00"
    assert any("the zone given (Asia/Kolkata) was not used" in warning for warning in report.warnings)
