"""A file that lacks most columns of its kind does not empty what is stored without being asked."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from tests.builders import Desk, Row, activity, contact, without, written
from workbench import Workbench
from workbench.errors import ChoiceNeeded, FileRefused, UnknownName
from workbench.exports.gladly import CONTACT_EXPORT

FEW = ("contact_id", "queued_at", "channel", "timezone_filter")
NAMES = "contact_id, channel, agent_when_ended, talk_seconds, extra"
RUN = ("timezone_filter", "channel_filter", "inboxes_filter")
OPTIONAL = [c.name for c in CONTACT_EXPORT.columns if c.name not in (*CONTACT_EXPORT.required, *RUN)]
AD = {
    "Sub Source": "Ads",
    "Ad ID": "120210000000000033",
    "Ad group ID": "",
    "Ad campaign ID": "",
    "Channel": "WhatsApp",
}


def few(**fields: str) -> Row:
    """Return a contact under a handful of headers."""
    whole = {CONTACT_EXPORT.column(name).headers[0]: "" for name in FEW}
    return {header: value for header, value in contact(**fields).items() if header in whole}


def load(desk: Desk, *rows: Row, name: str = "export.csv", **choices: Any) -> Any:
    header = list(dict.fromkeys(header for row in rows for header in row))
    return desk.workbench.load(written(desk.folder / name, rows, header), **choices)


def first(desk: Desk, **fields: str) -> None:
    row = contact(contact_id="c1", channel="CHAT", agent_when_ended="Ann", talk_seconds="12.5", **fields)
    load(desk, row | {"Mood": "calm"}, contact(contact_id="c2"))


def test_a_file_that_would_empty_most_columns_is_asked_about_and_changes_nothing(desk: Desk) -> None:
    first(desk)
    before = desk.columns(NAMES)
    with pytest.raises(ChoiceNeeded, match=r"lacks 57 of 58 .*\(.*Agent.*--absent keep .* --absent empty") as asked:
        load(desk, few(contact_id="c1", channel="SMS"), few(contact_id="c9"))
    assert asked.value.option == "--absent"
    assert desk.columns(NAMES) == before


@pytest.mark.parametrize(("absent", "stored"), [("keep", ("Ann", 12.5, {"Mood": "calm"})), ("empty", (None,) * 3)])
def test_what_is_stored_in_absent_columns_stays_or_goes_as_it_is_said(
    desk: Desk, absent: str, stored: tuple[Any, ...]
) -> None:
    first(desk)
    outcome = load(desk, few(contact_id="c1", channel="SMS"), few(contact_id="c9", channel="SMS"), absent=absent)
    assert (outcome.rows_loaded, outcome.rows_updated) == (1, 1)
    rows = desk.stored(f"select {NAMES} from gladly_contact_export order by contact_id")
    assert rows == [("c1", "SMS", *stored), ("c2", "CHAT", None, None, {"Mood": None}), ("c9", "SMS", None, None, None)]
    assert load(desk, few(contact_id="c1", channel="SMS"), absent=absent).rows_unchanged == 1


def test_a_file_that_empties_nothing_is_not_asked_about(desk: Desk) -> None:
    assert load(desk, few(contact_id="c1")).rows_loaded == 1
    assert load(desk, few(contact_id="c1", channel="SMS"), few(contact_id="c3")).rows_updated == 1
    first_of_another = contact(contact_id="c4", agent_when_ended="Bo")
    load(desk, first_of_another)
    assert load(desk, few(contact_id="c5")).rows_loaded == 1


def test_only_more_than_half_of_the_columns_are_asked_about(desk: Desk) -> None:
    headers = [CONTACT_EXPORT.column(name).headers[0] for name in OPTIONAL]
    whole = contact(contact_id="c1", agent_when_ended="Ann") | dict.fromkeys(headers, "") | {"Agent when Ended": "Ann"}
    load(desk, whole)
    gone = ["Agent when Ended", *(header for header in headers if header != "Agent when Ended")]
    with pytest.raises(ChoiceNeeded):
        load(desk, without(whole, *gone[: len(OPTIONAL) // 2 + 1]))
    assert load(desk, without(whole, *gone[: len(OPTIONAL) // 2])).rows_updated == 1
    assert desk.columns("agent_when_ended") == [(None,)]


def test_columns_that_only_files_know_are_not_kept_beside_others_of_the_file(desk: Desk) -> None:
    first(desk)
    with pytest.raises(FileRefused, match=r"that only it knows \(Anger\), and rows stored before have others \(Mood\)"):
        load(desk, few(contact_id="c1") | {"Anger": "none"}, absent="keep")
    load(desk, few(contact_id="c1") | {"Mood": "wild"}, absent="keep")
    assert desk.stored("select extra from gladly_contact_export where contact_id = 'c1'") == [({"Mood": "wild"},)]
    desk.workbench.workspace.unload(1)
    load(desk, few(contact_id="c1"), absent="keep")
    assert desk.stored("select extra from gladly_contact_export where contact_id = 'c1'") == [({"Mood": "wild"},)]


def test_an_older_log_of_contacts_leaves_what_a_newer_one_says_of_ads(desk: Desk) -> None:
    event = {"contact_id": "1", "timestamp": "2024-03-05 10:00:00", "source": "User"}
    newer = [activity(**event) | AD, activity(**event, contact_name="Eve") | AD]
    desk.load_kind("respondio_contacts_added", *newer)
    with pytest.raises(ChoiceNeeded, match="lacks 5 of 7"):
        desk.load_kind("respondio_contacts_added", activity(**event, contact_name="Eva"))
    older = [activity(**event, contact_name="Eve"), activity(**event)]
    assert desk.load_kind("respondio_contacts_added", *older, absent="keep").rows_unchanged == 2
    again = desk.load_kind("respondio_contacts_added", activity(**event, contact_name="Eva"), absent="keep")
    assert (again.rows_updated, again.rows_loaded) == (1, 0)
    assert set(desk.stored("select sub_source, ad_id, channel from respondio_activity_log")) == {
        ("Ads", "120210000000000033", "WhatsApp")
    }


def loads(desk: Desk) -> list[Any]:
    """Return loads of one contact, each to be called: whole, with few columns, whole again, with few columns."""

    def whole(agent: str, number: int) -> Any:
        return lambda: load(desk, contact(contact_id="c1", agent_when_ended=agent), name=f"{number}.csv")

    def small(channel: str, number: int) -> Any:
        return lambda: load(desk, few(contact_id="c1", channel=channel), name=f"{number}.csv", absent="keep")

    return [whole("Ann", 1), small("SMS", 2), whole("Bo", 3), small("EMAIL", 4), small("EMAIL", 5)]


@pytest.mark.parametrize("out", [1, 2, 3, 4, 5])
def test_any_load_is_taken_back_as_if_it_had_never_been(tmp_path: Path, out: int) -> None:
    full, rest = Desk(tmp_path, Workbench()), Desk(tmp_path, Workbench())
    for one in loads(full):
        one()
    full.workbench.workspace.unload(out)
    for number, one in enumerate(loads(rest), start=1):
        if number != out:
            one()
    assert full.columns(NAMES) == rest.columns(NAMES)
    replaced = "select agent_when_ended, channel from gladly_contact_export_replaced order by load_id"
    assert full.stored(replaced) == rest.stored(replaced)
    full.workbench.close()
    rest.workbench.close()


@pytest.mark.parametrize("outs", list(itertools.permutations([1, 3, 4])))
def test_several_loads_are_taken_back_in_any_order(tmp_path: Path, outs: tuple[int, ...]) -> None:
    desk = Desk(tmp_path, Workbench())
    for one in loads(desk):
        one()
    for out in outs:
        desk.workbench.workspace.unload(out)
    assert desk.columns(NAMES) == [("c1", "EMAIL", None, None, None)]
    desk.workbench.close()


def test_what_is_no_choice_is_refused(desk: Desk) -> None:
    with pytest.raises(UnknownName, match="keep, empty"):
        load(desk, few(contact_id="c1"), absent="drop")
