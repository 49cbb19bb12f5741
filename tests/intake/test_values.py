"""Text to values: what each type takes, and that what does not fit is rejected with its row, never blanked."""

import csv
import io
import unicodedata
from typing import Any

import pytest

from tests.builders import HEADERS, Desk, activity, assignment, contact
from workbench.errors import ChoiceNeeded, FileRefused
from workbench.intake import encoding

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
        ("talk_seconds", "12:75", "not a number of seconds or h:mm:ss"), ("talk_seconds", "1e400",
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
    texts = ['a, "b" | c', "line\nbreak", "Žofie 😀", "in  side", "=1+1", "it's", '"quoted", he said']
    desk.load(*(contact(agent_when_ended=text) for text in texts))
    assert desk.columns("agent_when_ended") == [(text,) for text in texts]


@pytest.mark.parametrize(
    ("text", "stored"),
    [("Voice, Chat", "PHONE_CALL, CHAT"), ("All Channels", "All Channels"), ("Facebook Messenger", "FB_MESSENGER")],
)
def test_channels_of_a_filter_are_stored_as_their_enum_texts(desk: Desk, text: str, stored: str) -> None:
    desk.load(contact(channel_filter=text))
    assert desk.columns("channel_filter") == [(stored,)]


# Numbers that two marks can be read in -------------------------------------------------------------------------------

SEPARATORS = pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])


def durations(desk: Desk, *texts: str, delimiter: str = ",", header: str = "Total Talk Time", **choices: Any) -> Any:
    """Load contacts with these texts as their talk times; return what is stored, None where a row was rejected."""
    rows = [["Contact ID", "Queued At", header], *([f"{n:03}", "2024-03-05 10:00:00", t] for n, t in enumerate(texts))]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    report = desk.load_text(out.getvalue(), **choices)
    name = next(column for column, named in HEADERS.items() if named == header)
    stored = dict(desk.columns("contact_id", name))
    assert len(stored) == report.rows_loaded + report.rows_updated + report.rows_unchanged
    return [stored.get(f"{n:03}") for n in range(len(texts))]


@SEPARATORS
@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["12,50", "1,250", "0,125", "7"], [12.5, 1.25, 0.125, 7]), (["12.50", "1,250", "7"], [12.5, 1250, 7]),
        (["0,125", "1.250"], [0.125, 1250]), (["1.234,5", "1.250"], [1234.5, 1250]),
        (["1,250,000", "1.250"], [1250000, 1.25]), (["1 234,567", "1,250"], [1234.567, 1.25]),
        (["1'234.5", "1,250"], [1234.5, 1250]), (["12345,678", "-1,250"], [12345.678, -1.25]),
        (["1\xa0234\u202f567", "5"], [1234567, 5]), (["1\u2019250", "1 250"], [1250, 1250]),
        (["0.5", "0,125"], [0.5, 0.125]),
    ],
)  # fmt: skip
def test_what_marks_decimals_is_proved_by_the_columns_other_numbers_beside_every_delimiter(
    desk: Desk, delimiter: str, texts: list[str], values: list[float]
) -> None:
    assert durations(desk, *texts, delimiter=delimiter) == values


@SEPARATORS
def test_what_can_be_read_two_ways_is_rejected_as_such_until_the_mark_is_said(desk: Desk, delimiter: str) -> None:
    given = {"delimiter": delimiter, "header": "Payment Amount - Completed (USD)"}
    for text in ("1,250", "1.250"):
        assert durations(desk, text, "7", **given) == [None, 7]
    assert desk.stored("select distinct value, reason from rejects order by all") == [
        ("1,250", "can be read two ways"), ("1.250", "can be read two ways"),
    ]  # fmt: skip
    assert durations(desk, "1,250", "1.250,5", decimal="comma", **given) == [1.25, 1250.5]
    assert durations(desk, "1,250", "1.250", decimal="point", **given) == [1250, 1.25]


def test_a_file_with_doubtful_numbers_says_how_many_and_what_would_tell(desk: Desk) -> None:
    report = desk.load_text("Order ID,Ordered At,Order Value\na,2024-03-05,1.250\nb,2024-03-05,2.500\nc,2024-03-05,1")
    assert report.rows_rejected == 2
    assert any("2 rows hold a number such as 1.250" in w and "--decimal comma" in w for w in report.warnings)


def test_a_column_that_proves_nothing_has_the_mark_of_the_others_if_these_agree(desk: Desk) -> None:
    text = "Contact ID,Queued At,Total Talk Time,Hold Time Total (sec),Times Offered\n{},2024-03-05,{},{},{}\n"
    for number, (texts, values) in enumerate(
        [
            (('"12,5"', '"1,250"', "1.000"), (12.5, 1.25, 1000)), (("12.5", '"1,250"', '"1,000"'), (12.5, 1250, 1000)),
            (("12", "1.250", '"1,200"'), (12, 1.25, 1200)),
            (('"12,5"', "1.250", "3"), (12.5, 1250, 3)),  # by itself the second one would be 1.25
        ]
    ):  # fmt: skip
        desk.load_text(text.format(number, *texts))
        assert desk.columns("talk_seconds", "hold_total_seconds", "times_offered")[-1] == values
    assert desk.load_text(text.format(9, '"1,250"', "1.250", "1.000")).rows_rejected == 1


@pytest.mark.parametrize(
    "text", ["1_000", "1e-400", "-0.1e-400", "0x10", "inf", "nan", "1e400", "12 50", "1,25,0", "0 125"]
)
@pytest.mark.parametrize("column", ["talk_seconds", "times_offered", "payment_amount_completed_usd"])
def test_what_only_programs_take_for_a_number_is_none(desk: Desk, column: str, text: str) -> None:
    report = desk.load(contact(contact_id="a"), contact(contact_id="b", **{column: text}))
    assert (report.rows_loaded, [reject["value"] for reject in report.rejects]) == (1, [text])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("12345678901234567.89", None), ("1234567890123.4567", None), ("0.1234567890123456789", None),
        ("9007199254740993", None), ("123456789012345.5", 123456789012345.5), ("0.30000000000000004", 0.1 + 0.2),
        ("10.000000000000000000000", 10), ("-1234567890123.45", -1234567890123.45),
    ],
)  # fmt: skip
def test_an_amount_of_more_digits_than_are_kept_is_rejected_and_never_rounded(
    desk: Desk, text: str, kept: float | None
) -> None:
    report = desk.load_text(f"Order ID,Ordered At,Order Value\na,2024-03-05,{text}\nb,2024-03-05,0.5\n")
    assert [reject["reason"] for reject in report.rejects] == ["more digits than are kept"] * (kept is None)
    expected = ([] if kept is None else [(kept,)]) + [(0.5,)]
    assert desk.stored("select order_value from lexer_order_rows order by order_id") == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3d 13h 24m 54s", 307494), ("3 m 25 s", 205), ("1m", 60), ("90s", 90), ("1h", 3600), ("-1h 5m", -3900),
        ("2 days, 3 hours, 1 minute, 5 seconds", 183665), ("1.5 h", 5400), ("0.5s", 0.5), ("1:02:03:04", 93784),
        ("36:15", 2175), ("-0:30", -30), ("100:00:00", 360000), ("0:00:01,25", 1.25), ("500ms", None), ("5", 5),
        ("1d 2", None), ("s", None), ("1:60", None), ("0:24:00:00", None), ("5m 3h", None), ("1y", None),
    ],
)  # fmt: skip
def test_a_duration_in_words_or_as_a_clock_is_seconds(desk: Desk, text: str, seconds: float | None) -> None:
    assert durations(desk, text) == [seconds]


def test_minutes_and_seconds_are_said_once_with_their_columns(desk: Desk) -> None:
    report = desk.load(contact(talk_seconds="36:15"), contact(talk_seconds="27:15", hold_total_seconds="0:30"))
    said = (
        "Durations of two parts were read as minutes and seconds: Total Talk Time (27:15), Hold Time Total (sec) (0:30)"
    )
    assert [warning for warning in report.warnings if "minutes and seconds" in warning] == [said]
    assert not any("minutes and seconds" in w for w in desk.load(contact(talk_seconds="0:36:15")).warnings)


# What is equal to the eye --------------------------------------------------------------------------------------------

MARKS = "\ufeff\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("neighbour", ["b", " b"])
@pytest.mark.parametrize(
    "odd", [*(f"a{mark}b" for mark in MARKS), "\xa0ab", "ab\u202f", "ab\u3000", "\u2003ab", "\tab", "ab\n", " ab "]
)
def test_texts_ids_and_channels_that_look_equal_are_equal_at_both_doors(desk: Desk, odd: str, neighbour: str) -> None:
    named = {"contact_id": odd, "customer_id": odd, "agent_when_ended": odd, "entry_point": odd, "channel": odd}
    desk.load(contact(**named), contact(agent_when_ended=neighbour))
    found = desk.columns("contact_id", "customer_id", "agent_when_ended", "entry_point", "channel")
    assert found[0] == ("ab", "ab", "ab", "ab", "AB")
    assert found[1][2] == "b"


def test_blanks_within_a_name_are_kept_and_no_break_spaces_are_blanks(desk: Desk) -> None:
    desk.load(contact(agent_when_ended="Ann\xa0B  C", entry_point="x\u200dy\u200cz"))
    assert desk.columns("agent_when_ended", "entry_point") == [("Ann B  C", "x\u200dy\u200cz")]


def test_a_record_in_another_composition_is_unchanged_its_unknown_columns_too(desk: Desk) -> None:
    text = "Contact ID,Queued At,Agent when Ended,Note\né1,2024-03-05 10:00:00,Zoë 각,café\n"
    desk.load_text(unicodedata.normalize("NFD", text))
    report = desk.load_text(unicodedata.normalize("NFC", text))
    assert (report.rows_unchanged, report.rows_updated) == (1, 0)
    assert desk.columns("contact_id", "agent_when_ended", "extra") == [("é1", "Zoë 각", {"Note": "café"})]


def test_a_mark_at_the_edge_of_what_is_read_at_once_is_seen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in range(50, 60):
        monkeypatch.setattr(encoding, "CHUNK", size)
        desk.load_text(f"Contact ID,Queued At\n{size}\u200e\u00e9,2024-03-05 10:00:00\n")
    assert desk.columns("contact_id") == [(f"{size}é",) for size in range(50, 60)]


def test_ids_keep_their_case_and_may_begin_with_a_dash_or_an_underscore(desk: Desk) -> None:
    ids = ["-abc", "_abc", "-ABC", "_ABC", "aBC-_"]
    desk.load(*(contact(contact_id=text) for text in ids))
    desk.load(*(contact(contact_id=text, agent_when_ended=" x") for text in ids))
    assert desk.columns("contact_id") == [(text,) for text in ids]


@pytest.mark.parametrize("word", ["NULL", "null", "Null", " NULL ", "null\xa0", "\u200eNull", "nUlL "])
def test_a_missing_word_is_missing_in_any_case_and_column(desk: Desk, word: str) -> None:
    named = ("customer_id", "agent_when_ended", "channel", "entry_point")
    desk.load(contact(**dict.fromkeys(named, word), talk_seconds=word.strip(), ended_at=word.strip(" \xa0")))
    assert desk.columns(*named, "talk_seconds", "ended_at") == [(None,) * 6]


@pytest.mark.parametrize("dash", ["-", " -", "- ", " - ", "  -  ", "\xa0-", "–", "—"])
def test_a_lone_dash_of_a_respondio_log_is_nobody_and_nothing(desk: Desk, dash: str) -> None:
    named = {"contact_name": dash, "source": dash, "user_name": dash, "channel": dash}
    desk.load_kind("respondio_contacts_connected", activity("connected", **named))
    assert desk.stored(f"select {', '.join(named)} from respondio_activity_log") == [(None,) * 4]
    people = {"previous_assignee": dash, "assigned_to": dash, "assigned_by": dash, "source": dash}
    desk.load_kind("respondio_assignments", assignment(contact_name=dash, **people))
    assert desk.stored(f"select contact_name, {', '.join(people)} from respondio_assignment_rows") == [(None,) * 5]


def test_a_dash_is_a_name_in_other_files_and_more_than_a_dash_is_one_everywhere(desk: Desk) -> None:
    desk.load(contact(agent_when_ended="-"))
    desk.load_kind("respondio_assignments", assignment(assigned_to="--", contact_name="- Ann"))
    assert desk.columns("agent_when_ended") == [("-",)]
    assert desk.stored("select assigned_to, contact_name from respondio_assignment_rows") == [("--", "- Ann")]


def test_an_id_of_digits_that_was_written_as_a_decimal_is_the_whole_number_and_said(desk: Desk) -> None:
    desk.load_kind("respondio_assignments", assignment(contact_id="210000000", conversation_id="1787048123"))
    report = desk.load_kind(
        "respondio_assignments", assignment(contact_id="210000000.0", conversation_id="1787048123.0")
    )
    assert report.rows_unchanged == 1
    said = "IDs that end in .0 were read as whole numbers: Conversation ID, Contact ID"
    assert said in report.warnings


@pytest.mark.parametrize("other", ["212.5", "v1", "210.00"])
def test_where_not_all_ids_are_of_digits_a_decimal_is_an_id_of_its_own_and_said(desk: Desk, other: str) -> None:
    report = desk.load(contact(contact_id="210.0"), contact(contact_id=other))
    assert desk.columns("contact_id") == [("210.0",), (other,)]
    said = "IDs that end in .0, beside others that are no whole numbers, were kept as they are: Contact ID"
    assert [warning for warning in report.warnings if ".0" in warning] == [said]


def test_ids_of_which_none_ends_in_0_are_ids_as_they_stand(desk: Desk) -> None:
    report = desk.load(contact(contact_id="212.5"), contact(contact_id="210"))
    assert desk.columns("contact_id") == [("212.5",), ("210",)]
    assert not any("IDs" in warning for warning in report.warnings)


def test_a_decimal_that_may_have_lost_digits_is_a_shortened_id(desk: Desk) -> None:
    exact, lost = "9007199254740991.0", "9007199254740992.0"
    report = desk.load(contact(contact_id=exact), contact(contact_id=lost))
    assert desk.columns("contact_id") == [("9007199254740991",)]
    assert [reject["value"] for reject in report.rejects] == [lost]


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
    ("texts", "days"),
    [
        (("26-10-01 10:48", "26-10-31 09:00"), ("2026-10-01 10:48:00", "2026-10-31 09:00:00")),
        (("26/02/09 10:48", "25/12/31 09:00"), ("2026-02-09 10:48:00", "2025-12-31 09:00:00")),
        (("26-10-09 10:48", "27-10-25 09:00"), ("2026-10-09 10:48:00", "2027-10-25 09:00:00")),
        (("26-10-2009 10:48", "27-10-25 09:00"), ("2009-10-26 10:48:00", "2025-10-27 09:00:00")),
        (("26/10/25 10:48", "27/10/25 09:00"), ("2025-10-26 10:48:00", "2025-10-27 09:00:00")),
    ],
)
def test_years_of_two_digits_stand_first_where_no_export_could_be_of_the_last_number(
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
        ["26-10-25 10:48", "27-10-25 10:48"],
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


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-08-27 22:04:42 -0400", "2026-08-28 02:04:42"), ("2026-08-27 22:04:42 +05:30", "2026-08-27 16:34:42"),
        ("2026-08-27T22:04:42 UTC", "2026-08-27 22:04:42"), ("2026-08-27 22:04:42.5 GMT", "2026-08-27 22:04:42.500000"),
        ("2026-08-27 22:04 -04", "2026-08-28 02:04:00"), ("2026-08-27 10:04:42 PM -0400", "2026-08-28 02:04:42"),
        ("2026-08-27 22:04:42 +14:00", "2026-08-27 08:04:42"), ("2026-08-27t22:04:42z", None),
        ("2026-08-27 22:04:42 +15:00", None), ("2026-08-27 22:04:42 EDT", None), ("2026-08-27 22:04:42 -0460", None),
        ("2026-08-27 -0400", None),
        ("2026/08/27 11:04:57 PM", "2026-08-28 03:04:57"), ("2026-08-27, 10:04:42 p.m.", "2026-08-28 02:04:42"),
        ("2026/08/27 12:04 AM", "2026-08-27 04:04:00"), ("2026/08/27 12:04 PM", "2026-08-27 16:04:00"),
        ("2026/08/27 13:04 PM", None), ("2026/08/27 0:04 AM", None), ("2026.08.27 22:04", "2026-08-28 02:04:00"),
        ("8/27/2026, 10:04:42\u202fPM", "2026-08-28 02:04:42"), ("27/08/2026, 22:04:42", "2026-08-28 02:04:42"),
        ("\u200e8\u200e/\u200e27\u200e/\u200e2026\u200e \u200e10\u200e:\u200e04\u200e \u200ePM", "2026-08-28 02:04:00"),
        ("27-Aug-2026 22:04", "2026-08-28 02:04:00"), ("27-AUG-26 10.04", None), ("27-AUG-26", "2026-08-27 04:00:00"),
        ("October 1, 2026, 10:00 AM", "2026-10-01 14:00:00"), ("Oct 1, 2026", "2026-10-01 04:00:00"),
        ("1 October 2026", "2026-10-01 04:00:00"), ("Sept. 1, 2026 at 10:00 a.m.", "2026-09-01 14:00:00"),
        ("1st May 2026 22:04:42.5", "2026-05-02 02:04:42.500000"), ("Tuesday, 3 March 2026 9:05",
        "2026-03-03 14:05:00"),
        ("Thu, 27 Aug 2026 22:04:42 +0200", "2026-08-27 20:04:42"), ("2026 Aug 27", "2026-08-27 04:00:00"),
        ("Thu Aug 27 2026 22:04:42 GMT+0200 (Central European Summer Time)", "2026-08-27 20:04:42"),
        ("Aug 2026", None), ("27 Aug", None), ("31 Feb 2026", None), ("27 Augest 2026", None), ("1 Okt 2026", None),
    ],
)  # fmt: skip
def test_a_time_that_can_be_read_one_way_is_read_that_way_and_any_other_rejected(
    desk: Desk, text: str, utc: str | None
) -> None:
    report = desk.load(contact(text, timezone_filter="America/New_York"), name="export.csv")
    assert [str(at) for (at,) in desk.columns("queued_at")] == ([utc] if utc else [])
    assert [reject["reason"] for reject in report.rejects] == ([] if utc else ["not a date and time"])


def test_an_offset_after_a_blank_in_a_repeated_hour_is_no_warning(desk: Desk) -> None:
    report = desk.load(contact("2024-11-03 01:30:00 -0500", timezone_filter="America/New_York"), name="export.csv")
    assert str(desk.columns("queued_at")[0][0]) == "2024-11-03 06:30:00"
    assert not any("wall time" in warning for warning in report.warnings)


def test_a_date_with_its_weekday_proves_the_order_as_any_other(desk: Desk) -> None:
    desk.load(contact("Thu, 8/27/2026, 10:04 PM"), contact("8/7/2026, 10:04 PM"), name="export.csv")
    assert [f"{at:%m-%d %H}" for (at,) in desk.columns("queued_at")] == ["08-27 22", "08-07 22"]


@pytest.mark.parametrize("text", ["October {}, 2026", "{}-Oct-2026 00:00"])
def test_the_spacing_of_dates_in_words_tells_what_a_row_covers(desk: Desk, text: str) -> None:
    lines = [f'"{text.format(day)}",5,4,1.25' for day in (1, 2, 3)]
    header = "Date,Inbound Contacts,Customers,Avg. Inbound Contacts per Customer"
    report = desk.load_text("\n".join([header, *lines]), name="InboundContacts.csv")
    assert report.rows_loaded == 3
    assert {str(at) for (at,) in desk.stored("select date from gladly_inbound_contacts")} == {
        f"2026-10-0{day} 00:00:00" for day in (1, 2, 3)
    }


def test_a_header_that_is_repeated_behind_its_mark_is_no_row(desk: Desk) -> None:
    one = "\ufeffUser ID,Name\n1,Ann\n".encode()
    report = desk.load_text(one + "\ufeffUser ID,Name\n2,Bo\n".encode(), name="Users.csv")
    assert (report.rows_read, report.rows_loaded) == (2, 2)
    assert any("1 row repeats the header" in warning for warning in report.warnings)


@pytest.mark.parametrize("word", ["NULL", "null", "nUlL"])
@pytest.mark.parametrize(
    "column", ["conversation_link", "channel_filter", "channel", "agent_when_ended", "fulfilled_by_contact_id"]
)
def test_a_word_for_nothing_is_missing_where_no_other_value_is_odd(desk: Desk, column: str, word: str) -> None:
    desk.load(contact(**{column: word}))
    assert desk.columns(column) == [(None,)]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#NAME?", "#DIV/0!"])
def test_an_error_of_a_spreadsheet_is_nobody(desk: Desk, error: str) -> None:
    report = desk.load(contact(contact_id=error), contact(agent_when_ended=error), contact(agent_when_ended="#sales"))
    assert [(reject["value"], reject["reason"]) for reject in report.rejects] == [
        (error, "an error of a spreadsheet, not a value"), (error, "an error of a spreadsheet, not a value"),
    ]  # fmt: skip
    assert desk.columns("agent_when_ended") == [("#sales",)]


def test_figures_of_one_time_that_overwrite_each_other_are_said(desk: Desk) -> None:
    rows = "2026-11-01 00:00:00,1,1\n2026-11-01 01:00:00,2,2\n2026-11-01 01:00:00,30,30\n"
    report = desk.load_text(
        "Timezone Filter,Channel Filter,Inboxes Filter,Date,Inbound Contacts,Customers\n"
        + "".join(f"America/New_York,All Channels,All Inboxes,{row}\n" for row in rows.splitlines()),
        name="InboundContacts-20261101-20261101-Hourly.csv",
    )
    assert any(warning.startswith("1 of 3 rows overwrote each other") for warning in report.warnings)
