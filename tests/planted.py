"""A workspace in which every text that a file, a link or a person can bring asks to be taken for markup."""

from pathlib import Path

from tests.builders import activity, assignment, contact, conversation, message, order, user, written
from workbench import Workbench
from workbench.ask import calendars, hours, views
from workbench.ask.views import View
from workbench.exports import KINDS
from workbench.intake.choices import Choices
from workbench.intake.mappings import ColumnMapping

HOST = "planted.example"
IMAGE, LINK = f"![planted](http://{HOST}/a.png)", "[planted](javascript:alert(1))"
FORMULA, PLACE = "$planted$ -> :smile:", "**planted** $x$ -- y"  # of files and folders too: no slash, no colon
PLANTED = (IMAGE, LINK, f"<img src=http://{HOST}/b>", FORMULA, PLACE, f"http://{HOST}/planted", f"planted@{HOST}")
DAYS = {"from": "2024-03-01", "to": "2024-03-31"}
QUEUED, SENT = "2024-03-05 10:00:00", "2024-03-06 10:00:00"
UNKNOWN = "planted.csv"  # a file whose header is no export's


def planted(kind: str, turn: int) -> dict[str, str]:
    """Return a planted text for every column of a kind that takes any; of each turn another one."""
    columns = [column for column in KINDS[kind].columns if column.type in ("text", "id", "enum") and column.headers]
    return {
        column.name: PLANTED[(place + turn) % len(PLANTED)] + ("" if column.type != "id" else f" {turn}")
        for place, column in enumerate(columns)
    }


def files(folder: Path) -> list[Path]:
    """Write the files of every kind that pages show, each with planted texts in its name, header and columns."""
    turns = range(len(PLANTED))
    contacts, logs, assigned, talks, users, messages, orders = [], [], [], [], [], [], []
    for turn in turns:
        own = planted("gladly_contact_export", turn) | {"direction": "INBOUND", "inboxes_filter": FORMULA}
        link = {"conversation_link": LINK, "channel_filter": "All Channels"}
        contacts.append(contact(QUEUED, **own | link) | {IMAGE: PLANTED[turn]})
        logs.append(activity("added", QUEUED, **_without(planted("respondio_contacts_added", turn), "activity")))
        assigned.append(assignment(QUEUED, **planted("respondio_assignments", turn)))
        talks.append(conversation(QUEUED, **planted("respondio_conversations", turn)))
        users.append(user(**planted("respondio_users", turn)))
        customer = {"customer_id": f"{PLACE} {turn}"}
        messages.append(message(QUEUED, **planted("lexer_messages", turn) | customer | {"status": "SENT"}))
        orders.append(order(SENT, **planted("lexer_orders", turn) | customer))
    connected = [row | {} for row in logs]
    names = {
        "ContactExport": contacts, "ContactsAdded": logs, "ContactsConnected": connected, "Assignments": assigned,
        "Conversations": talks, "Users": users, "LexerMessages": messages, "LexerOrders": orders,
    }  # fmt: skip
    return [_file(folder / f"{FORMULA} {name}-20240301-20240331.csv", rows) for name, rows in names.items()]


def _without(row: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in row.items() if key != name}


def _file(path: Path, rows: list[dict[str, str]]) -> Path:
    return written(path, rows, list(dict.fromkeys(header for row in rows for header in row)))


def unknown(folder: Path) -> Path:
    """Write a file whose header nothing knows."""
    rows = [{IMAGE: PLANTED[turn], LINK: QUEUED, "Contact": PLANTED[-turn]} for turn in range(5)]
    return _file(folder / f"{FORMULA} {UNKNOWN}", rows)


def rejected(folder: Path) -> Path:
    """Write a contact export of which rows are set aside, one of them over a planted value, and two loads differ."""
    rows = [contact(QUEUED, contact_id=f"{PLACE} 1", inbox_when_first_queued=LINK), contact(IMAGE)]
    return written(folder / f"{PLACE} ContactExport-20240401-20240430.csv", rows)


def make(path: Path, folder: Path) -> None:
    """Make a workspace at a path: files of every kind, a mapping, a view, a calendar and folders, all planted."""
    workbench = Workbench(path)
    for file in (*files(folder), rejected(folder)):
        workbench.load(file, file_timezone="UTC")
    workspace = workbench.workspace
    header = {IMAGE: "contact_id", LINK: "queued_at", "Contact": None}
    workspace.load(
        unknown(folder), Choices(zone="UTC", mapping=ColumnMapping("gladly_contact_export", tuple(header.items())))
    )
    for report in ("inbound_contacts", "messaging_overview"):
        views.save(workspace, View(IMAGE, report, {"preset": ["all"]}))
    calendars.put(workspace, hours.said(IMAGE, "UTC", [hours.SAID], inboxes=[*PLANTED]))
    (place := folder / PLACE).mkdir()
    unknown(place)
    workspace.set("folders", str(place))
    workspace.set("exports_folder", str(place))
    workbench.close()
