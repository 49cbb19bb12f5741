"""Service level: four definitions over the same rows, at the edges of their seconds, and when they are equal."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import Desk, Row, contact, plain
from workbench import Workbench
from workbench.ask import answers, basis
from workbench.ask.question import Question
from workbench.ask.selection import Selection, parsed
from workbench.errors import BadSelection, UnknownName, WorkbenchError
from workbench.reports import REPORTS
from workbench.reports.settings import DEFINITIONS

REPORT = REPORTS["contact_export"]
WAIT, ENDED, OVER = "queued_to_fulfilled_seconds", "queued_to_ended_seconds", "seconds_within_or_over_sla"


def answered(wait: str, over: str, **fields: str | None) -> Row:
    return contact(status="ANSWERED", **{WAIT: wait, OVER: over, ENDED: "900", **fields})


def abandoned(after: str | None, **fields: str | None) -> Row:
    return contact(status="ABANDONED", **{ENDED: after, "channel": "PHONE_CALL", **fields})


def counted(desk: Desk, **selection: Any) -> dict[str, tuple[int, int]]:
    """Return how many are in time, and of how many, by definition."""
    rows = desk.ask("contact_export", "service_level", **selection)
    for row in rows:
        assert row["service_level_rate"] == (row["within"] / row["of"] if row["of"] else None)
    return {row["definition"]: (row["within"], row["of"]) for row in rows}


def four(*pairs: tuple[int, int]) -> dict[str, tuple[int, int]]:
    return dict(zip(DEFINITIONS, pairs, strict=True))


def test_the_four_definitions_over_the_same_rows(desk: Desk) -> None:
    desk.load(
        answered("5", "-55"),
        answered("20", "0"),
        answered("21", "1"),
        answered("30", "-30"),
        contact(status="UNANSWERED", **{WAIT: "2", OVER: "-8", ENDED: "3"}),
        contact(status="UNANSWERED", **{ENDED: "3"}),
        abandoned("20"),
        abandoned("20.5"),
        abandoned(None),
        contact(status="ANSWERED", **{ENDED: "10"}),
        contact(status=None, **{WAIT: "1", OVER: "-1"}),
        answered("1", "-1", direction="OUTBOUND"),
        abandoned("1", direction=None),
    )
    assert counted(desk) == four((4, 8), (4, 5), (2, 9), (3, 10))


@pytest.mark.parametrize(("wait", "is_in"), [("19.999", True), ("20", True), ("20.001", False), ("-60", True)])
def test_an_answer_at_the_threshold_is_in_time(desk: Desk, wait: str, is_in: bool) -> None:
    desk.load(answered(wait, "1"))
    assert counted(desk) == four((0, 1), (0, 1), (is_in, 1), (is_in, 1))


@pytest.mark.parametrize(("after", "is_early"), [("19.999", True), ("20", True), ("20.001", False)])
def test_an_abandon_at_the_threshold_is_early(desk: Desk, after: str, is_early: bool) -> None:
    desk.load(abandoned(after))
    assert counted(desk) == four((0, 1), (0, 0), (0, 1 - is_early), (is_early, 1))


@pytest.mark.parametrize(("after", "of"), [("4.999", 0), ("5", 0), ("5.001", 1), (None, 1)])
def test_short_abandons_are_taken_out_of_every_definition(desk: Desk, after: str | None, of: int) -> None:
    desk.load(abandoned(after, **{OVER: "3"}))
    for name, (_, found) in counted(desk, short_abandon=5, threshold=0).items():
        assert found == of, name


def test_seconds_can_differ_by_channel(desk: Desk) -> None:
    desk.load(
        answered("30", "1", channel="CHAT"), answered("30", "1", channel="SMS"), answered("30", "1", channel=None),
        abandoned("8", channel="CHAT"), abandoned("8"),
    )  # fmt: skip
    asked = {"threshold": "20,chat=60", "short_abandon": "CHAT=10"}
    assert counted(desk, **asked) == four((0, 4), (0, 3), (1, 3), (2, 4))
    rows = desk.ask("contact_export", "service_level_by_channel", **asked)
    assert [(row["channel"], row["offered"], row["queued"]) for row in rows] == [
        ("CHAT", 1.0, 1.0), ("PHONE_CALL", None, 1.0), ("SMS", 0.0, 0.0), (None, 0.0, 0.0),
    ]  # fmt: skip


def test_definitions_are_no_parts_of_a_total(desk: Desk) -> None:
    desk.load(answered("5", "1"), abandoned("3"))
    question = desk.workbench.report("contact_export").question
    assert answers.total(question, REPORT.tile("service_level")).empty
    assert answers.total(question, REPORT.tile("service_level_by_channel"))["gladly"].tolist() == [0.0]


def test_the_chosen_definition_is_that_of_the_card_its_rows_and_what_is_said(desk: Desk) -> None:
    desk.load(answered("5", "1"), answered("25", "-5"), abandoned("3"), abandoned("50"))
    found = {}
    for name in DEFINITIONS:
        report = desk.workbench.report("contact_export", service_level=name)
        (row,) = plain(report.tile("totals"))
        rows = {part: len(report.rows("totals", metric="service_level_rate", part=part)) for part in ("", "numerator")}
        assert row["service_level_rate"] == rows["numerator"] / rows[""]
        found[name] = (rows["numerator"], rows[""])
        assert DEFINITIONS[name][0] in basis.said(report.question)[0]
    assert found == counted(desk) == four((1, 4), (1, 2), (1, 3), (2, 4))


def test_a_row_of_the_four_leads_to_its_own_rows(desk: Desk) -> None:
    desk.load(answered("5", "1"), answered("25", "-5"), abandoned("3"), abandoned("50"))
    report = desk.workbench.report("contact_export")
    for name, (within, of) in counted(desk).items():
        assert len(report.rows("service_level", metric="within", definition=name)) == within
        assert len(report.rows("service_level", metric="of", definition=name)) == of


def test_what_a_workspace_sets_holds_until_a_question_says_otherwise(desk: Desk) -> None:
    desk.load(answered("25", "1"), abandoned("3"))
    desk.workbench.set("service_level", "queued")
    desk.workbench.set("threshold", "30,CHAT=5")
    assert Question(desk.workbench.workspace, REPORT, Selection()).selection.as_query() == {
        "service_level": ["queued"], "threshold": ["30,CHAT=5"], "short_abandon": ["none"],
    }  # fmt: skip
    assert desk.ask("contact_export", "totals")[0]["service_level_rate"] == 1 / 2
    assert desk.ask("contact_export", "totals", threshold=30)[0]["service_level_rate"] == 2 / 2
    assert desk.ask("contact_export", "totals", service_level="answered")[0]["service_level_rate"] == 0


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("service_level", "best", "no service level 'best'. Try one of: gladly, answered, offered, queued"),
        ("threshold", "-1", "'-1' are no seconds for a threshold. Write 0 to 604,800"),
        ("threshold", "20,,CHAT=5", "'' are no seconds"),
        ("threshold", "CHAT=", "'CHAT=' are no seconds"),
        ("threshold", "604801", "'604801' are no seconds"),
        ("short_abandon", "nan", "'nan' are no seconds for a short abandon. Write 0 to 604,800"),
        ("short_abandon", "1e3", "'1e3' are no seconds"),
    ],
)
def test_what_is_no_setting_is_refused_in_a_question_and_in_a_workspace(
    desk: Desk, key: str, value: str, said: str
) -> None:
    for refused in (lambda: parsed(REPORT, {key: [value]}), lambda: desk.workbench.set(key, value)):
        with pytest.raises((BadSelection, UnknownName)) as error:
            refused()
        assert said in str(error.value)
        assert "\n" not in str(error.value)
    with pytest.raises(WorkbenchError, match="no filter of inbound_contacts"):
        parsed(REPORTS["inbound_contacts"], {key: [value]})


def test_without_a_wait_or_an_end_nothing_is_in_time_and_nothing_fails(desk: Desk) -> None:
    desk.load(contact(status="ANSWERED"), contact(status="ABANDONED"), contact(status="UNANSWERED"), contact())
    assert counted(desk) == four((0, 1), (0, 0), (0, 3), (0, 3))


# Equalities ----------------------------------------------------------------------------------------------------------

SECONDS = st.sampled_from(["0", "5", "19", "20", "21", "60", "700"])
CONTACTS = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["ANSWERED", "UNANSWERED", "ABANDONED", "UNKNOWN", None]),
        "direction": st.sampled_from(["INBOUND", "INBOUND", "OUTBOUND"]),
        "channel": st.sampled_from(["PHONE_CALL", "CHAT", None]),
        WAIT: SECONDS | st.none(), ENDED: SECONDS | st.none(), OVER: st.sampled_from(["-3", "0", "4", None]),
    }
)  # fmt: skip


def loaded(fields: list[dict[str, Any]], tmp: Any) -> Desk:
    found = Desk(tmp.mktemp("served"), Workbench())
    found.load(*(contact(**each) for each in fields))
    return found


@settings(max_examples=15, deadline=None)
@given(fields=st.lists(CONTACTS, min_size=1, max_size=30))
def test_where_nobody_abandons_two_pairs_are_equal(fields: list[dict[str, Any]], tmp_path_factory: Any) -> None:
    desk = loaded([each for each in fields if each["status"] != "ABANDONED"] or [{"status": None}], tmp_path_factory)
    found = counted(desk)
    assert found["gladly"] == found["answered"]
    assert found["offered"] == found["queued"]
    desk.workbench.close()


@settings(max_examples=15, deadline=None)
@given(waits=st.lists(SECONDS, min_size=1, max_size=20), threshold=st.sampled_from([0, 19, 20, 60]))
def test_where_every_contact_is_answered_with_the_threshold_as_its_target_all_four_are_equal(
    waits: list[str], threshold: int, tmp_path_factory: Any
) -> None:
    fields = [{"status": "ANSWERED", WAIT: wait, OVER: str(int(wait) - threshold)} for wait in waits]
    desk = loaded(fields, tmp_path_factory)
    assert len(set(counted(desk, threshold=threshold).values())) == 1
    desk.workbench.close()
