"""respond.io: Contacts. Who was added, connected, deleted and merged."""

from workbench.reports.dimensions import ACTIVITY, ACTIVITY_SOURCE, CONTACT, MESSAGING_CHANNEL, OF_WEEK, USER
from workbench.reports.entities import (
    RESPONDIO_CONTACT_CHANGES,
    RESPONDIO_CONTACT_EVENTS,
    RESPONDIO_CONTACTS_ADDED,
    RESPONDIO_CONTACTS_CONNECTED,
    RESPONDIO_CONTACTS_DELETED,
    RESPONDIO_CONTACTS_MERGED,
)
from workbench.reports.model import Log, Metric, Report, Tile

_ACTIVITIES = ("added", "deleted", "merged", "connected")
_ENTITIES = {
    "added": RESPONDIO_CONTACTS_ADDED,
    "connected": RESPONDIO_CONTACTS_CONNECTED,
    "deleted": RESPONDIO_CONTACTS_DELETED,
    "merged": RESPONDIO_CONTACTS_MERGED,
}


def _metric(activity: str, definition: str, not_for: frozenset[str] = frozenset({"channel"})) -> Metric:
    return Metric(
        f"contacts_{activity}",
        f"Contacts {activity}",
        "count",
        definition,
        f"count of rows of the log of contacts {activity}",
        rows=f"activity = '{activity.upper()}'",
        log=f"{activity}_log",
        not_for=not_for,
        decomposes="sum",
    )


def _breakdown(activity: str, key: str, note: str = "", note_when: str = "true") -> tuple[Tile, Tile]:
    """Return the tiles of one activity by source or channel: over the whole range, and over time."""
    entity, log = _ENTITIES[activity], f"{activity}_log"
    return (
        Tile(
            f"{activity}_by_{key}", f"Contacts {activity} by {key}", "bar_and_pie", entity,
            (key, "contacts", "share"), dimensions=(key,), metrics=("contacts",), cells_log=log,
            note=note, note_when=note_when, is_half=True,
        ),
        Tile(
            f"{activity}_by_period", f"Contacts {activity} over time", "stacked_over_time", entity,
            ("period", key, "contacts"), dimensions=("period", key), metrics=("contacts",), cells_log=log,
            note=note, note_when=note_when, is_half=True,
        ),
    )  # fmt: skip


def _log(activity: str, title: str, contact_id: str = "contact_id", channel: tuple[str, ...] = ()) -> Tile:
    return Tile(
        f"{activity}_log", title, "log", _ENTITIES[activity],
        ("timestamp", contact_id, "contact_name", "source", "user", *channel),
        log=Log(
            offers=(
                "sub_source", "ad_campaign_id", "ad_group_id", "ad_id", "exported_user", "clock_change", "load_id",
            ),
            search=(contact_id, "contact_name", "source", "exported_user", *channel),
            search_only=("known_user",),
            sort="timestamp:desc",
            computed=(("primary_contact_id", "contact_id"),) if contact_id == "primary_contact_id" else (),
        ),
    )  # fmt: skip


CONTACTS = Report(
    name="contacts",
    title="Contacts",
    system="respond.io",
    icon=":material/contacts:",
    purpose="Who joins the workspace and who leaves it.",
    rows_label="events",
    kinds=tuple(f"respondio_contacts_{activity}" for activity in ("added", "connected", "deleted", "merged")),
    main=RESPONDIO_CONTACT_EVENTS,
    filters=(MESSAGING_CHANNEL, USER, ACTIVITY_SOURCE, CONTACT),
    dimensions=(ACTIVITY, *OF_WEEK),
    metrics=(
        _metric("added", "Contacts that were added to the workspace, one for every row of the log."),
        _metric("deleted", "Contacts that a user deleted from the workspace, one for every row of the log."),
        _metric("merged", "Mergers of two contacts into one, one for every row of the log."),
        _metric(
            "connected",
            "Contacts that became active, one for every row of the log: a message reached them, or they wrote one.",
            not_for=frozenset(),
        ),
        Metric(
            "contacts",
            "Contacts",
            "count",
            "Rows of the log: a contact that is in it twice counts twice.",
            "count of rows of the log",
            decomposes="sum",
        ),
    ),
    tiles=(
        Tile(
            "totals", "Totals", "metrics", RESPONDIO_CONTACT_EVENTS,
            tuple(f"contacts_{activity}" for activity in _ACTIVITIES),
            metrics=tuple(f"contacts_{activity}" for activity in _ACTIVITIES),
        ),
        Tile(
            "activity_by_period", "Added, deleted and merged", "grouped_over_time", RESPONDIO_CONTACT_CHANGES,
            ("period", "activity", "contacts"), dimensions=("period", "activity"), metrics=("contacts",),
            cells_log="{activity}_log",
        ),
        *_breakdown("added", "source"),
        *_breakdown(
            "connected",
            "channel",
            "No connected contact of these dates has a channel: what connected it is shown instead, and a filter on a"
            " channel is not applicable.",
            "bool_and(channel is not distinct from source)",
        ),
        _log("added", "Contacts added"),
        _log("connected", "Contacts connected", channel=("channel",)),
        _log("deleted", "Contacts deleted"),
        _log("merged", "Contacts merged", "primary_contact_id"),
    ),
    about=(
        (
            "How it is measured",
            "The workspace writes four logs, of contacts added, connected, deleted and merged, and every figure here"
            " counts their rows: a contact that is deleted and added again counts twice. A row belongs to the moment in"
            " its column Timestamp. Files that overlap count an event once.",
        ),
        (
            "When is a contact connected?",
            "When it becomes active: the first message to it was delivered, or the first one from it arrived. Adding a"
            " contact, or importing a list, connects nobody, so the two figures differ.",
        ),
        (
            "Where do new contacts come from?",
            "Contacts connected by channel shows where they write. The documented log of connected contacts has no"
            " channel; where none of the rows on screen has one, their source stands in its place and the tile says so."
            " Where only some have one, the others are *Unknown channel*.",
        ),
        (
            "Who is the user?",
            "The one who did it, which only rows with the source User know; contacts are deleted and merged by users"
            " alone. A user who has left the workspace is an ID in the logs. Export the list of users before you remove"
            " somebody: load it, and IDs become names everywhere at once. The record of a row keeps what its file"
            " says.",
        ),
        (
            "Which contact does the log of mergers name?",
            "The one that is left, with the ID and the name that it has after merging.",
        ),
        (
            "How do I find one contact?",
            "Add the filter Contact and write a part of the name, or the whole ID. Case and accents do not matter.",
        ),
        (
            "Why does a tile say that a filter is not applicable?",
            "Its rows have no such column: only connected contacts have a channel, so a filter on it says nothing about"
            " those added, deleted or merged. When a tile has no applicable data, its rows have the column and nothing"
            " matches. *Clear all* takes every filter away.",
        ),
        (
            "Which dates can I choose?",
            "Today, yesterday, the last 7, 14 or 30 days, this month and last month, as in the workspace, and weeks,"
            " everything or any two dates besides. They count from the last day that is loaded.",
        ),
        (
            "Is there a limit?",
            "None here. The workspace's own tables end at 10,000 rows: a file of exactly that many is probably cut, and"
            " the load says at which day. Export shorter periods and load them all, or use its data export.",
        ),
        (
            "Why is a figure missing rather than 0?",
            "Because no file of that log covers any of the dates. A log that is loaded and has no row is 0.",
        ),
    ),
)  # fmt: skip
