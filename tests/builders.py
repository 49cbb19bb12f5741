"""Small builders of real export files: a contact is a row under the API's own header; what is not said is missing."""

import csv
import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from workbench import Workbench
from workbench.exports import KINDS
from workbench.exports.gladly import CONTACT_EXPORT
from workbench.intake.outcome import LoadOutcome

HEADER = [column.headers[0] for column in CONTACT_EXPORT.columns]
HEADERS = {column.name: column.headers[0] for column in CONTACT_EXPORT.columns}
_numbers = itertools.count(1)

Row = dict[str, str]

# Filters that every report of Gladly's contacts has, with their column and two of its values.
FILTERS = (
    ("channel", "channel", "CHAT", "SMS"),
    ("inbox", "inbox_when_first_queued", "Care", "Sales, EMEA | Tier 1"),
    ("inbox_when_ended", "inbox_when_ended", "Care", "Sales, EMEA | Tier 1"),
    ("entry_point", "entry_point", "+12125550101", "help@example.com"),
    ("contact_initiator", "contact_initiator", "CUSTOMER", "AGENT"),
)


def contact(queued_at: str = "2024-03-05 10:00:00", **fields: str | None) -> Row:
    """Return an inbound contact of UTC; fields are named as in the database, a missing ID is made up."""
    number = next(_numbers)
    row = {
        "timezone_filter": "UTC", "channel_filter": "All Channels", "inboxes_filter": "All Inboxes",
        "contact_id": f"contact-{number:06}", "customer_id": f"customer-{number:06}", "direction": "INBOUND",
        "channel": "CHAT",
    }  # fmt: skip
    row |= {"queued_at": queued_at, **{name: value or "" for name, value in fields.items()}}
    return {HEADERS[name]: value for name, value in row.items()}


def activity(what: str = "added", timestamp: str = "2024-03-05 10:00:00", **fields: str | None) -> Row:
    """Return a row of one of respond.io's logs of contacts: of those added, connected, deleted or merged."""
    made_up = {"contact_id": f"{next(_numbers):010}", "source": "User", "contact_name": "Ada Quill", "user_name": "Bo"}
    return row(f"respondio_contacts_{what}", made_up | {"timestamp": timestamp, **fields})


def assignment(timestamp: str = "2024-03-05 10:00:00", **fields: str | None) -> Row:
    """Return an assignment by a workflow to somebody, of a contact that nobody had."""
    number = next(_numbers)
    made_up = {
        "conversation_id": f"{10**15 + number}", "contact_id": f"{number:010}", "contact_name": "Ada Quill",
        "previous_assignee": "-", "assigned_to": "Bo", "source": "Workflow", "assigned_by": "",
    }  # fmt: skip
    return row("respondio_assignments", made_up | {"timestamp": timestamp, **fields})


def conversation(started_at: str = "2024-03-05 10:00:00", **fields: str | None) -> Row:
    """Return a conversation of a contact of its own that a user closed an hour later; what is not said is missing."""
    number = next(_numbers)
    made_up = {
        "conversation_id": f"{10**15 + number}", "contact_id": f"{number:010}", "resolved_at": "2024-03-05 11:00:00",
        "opened_source": "contact", "closed_source": "user",
    }  # fmt: skip
    said = made_up | {"started_at": started_at, **fields}
    columns = [column.name for column in KINDS["respondio_conversations"].columns]
    return row("respondio_conversations", {name: said.get(name) for name in columns})


def user(**fields: str | None) -> Row:
    """Return a user of respond.io."""
    number = next(_numbers)
    return row("respondio_users", {"user_id": f"{number:06}", "name": f"User {number}", **fields})


def message(sent_at: str = "2024-03-05 10:00:00", **fields: str | None) -> Row:
    """Return a message that was sent to a customer of its own."""
    number = next(_numbers)
    made_up = {
        "message_id": f"message-{number:06}", "customer_id": f"customer-{number:06}", "queue": "Birthday",
        "agent": "Bo", "status": "SENT",
    }  # fmt: skip
    return row("lexer_messages", made_up | {"sent_at": sent_at, **fields})


def order(ordered_at: str = "2024-03-06 10:00:00", **fields: str | None) -> Row:
    """Return an order of 10 dollars by a customer of its own."""
    number = next(_numbers)
    made_up = {
        "order_id": f"order-{number:06}", "customer_id": f"customer-{number:06}", "order_value": "10.00",
        "currency": "USD",
    }  # fmt: skip
    return row("lexer_orders", made_up | {"ordered_at": ordered_at, **fields})


def row(kind: str, fields: Mapping[str, str | None]) -> Row:
    """Return a row of a kind under its usual headers; fields are named as in the database."""
    return {KINDS[kind].column(name).headers[0]: value or "" for name, value in fields.items()}


def without(row: Row, *headers: str) -> Row:
    """Return a row without some of its columns."""
    return {header: value for header, value in row.items() if header not in headers}


def written(path: Path, rows: Iterable[Row], header: Sequence[str] = HEADER, **dialect: Any) -> Path:
    """Write rows as a CSV with a header, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, restval="", **({"lineterminator": "\n"} | dialect))
        writer.writeheader()
        writer.writerows(rows)
    return path


def merges(path: Path, *pairs: tuple[str, str]) -> Path:
    """Write customer merges: each pair is the customer that went and the one that stayed."""
    rows = [{"Merged Customer ID": gone, "Customer ID": stayed} for gone, stayed in pairs]
    return written(path, rows, ("Merged Customer ID", "Customer ID"))


class Desk:
    """A workbench and a folder for the files that go into it."""

    def __init__(self, folder: Path, workbench: Workbench) -> None:
        self.folder, self.workbench = folder, workbench

    def load(self, *rows: Row, name: str = "ContactExport-20240301-20240331.csv", **choices: Any) -> LoadOutcome:
        """Write rows to a file of that name and load it; the name gives the days that are covered."""
        return self.workbench.load(written(self.folder / name, rows), **choices)

    def load_to_filter(self, column: str, one: str, other: str) -> None:
        """Load contacts: 3 with one value of a column, 2 with the other, 1 with none, and 4 with something else."""
        numbers = {one: 3, other: 2, None: 1, "ELSE": 4}
        self.load(*(contact(**{column: value}) for value, number in numbers.items() for _ in range(number)))

    def load_kind(self, kind: str, *rows: Row, name: str | None = None, **choices: Any) -> LoadOutcome:
        """Write rows of a kind to a file that is called as the vendor calls it, and load it as UTC."""
        header = list(dict.fromkeys(header for row in rows for header in row))
        path = self.folder / (name or f"{KINDS[kind].file_names[0]}-20240301-20240331.csv")
        return self.workbench.load(written(path, rows, header), **({"file_timezone": "UTC"} | choices))

    def load_text(self, text: str | bytes, name: str = "export.csv", **choices: Any) -> LoadOutcome:
        """Write a file's very bytes and load it."""
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self.workbench.load(path, **choices)

    def merge(self, *pairs: tuple[str, str], name: str = "GladlyCustomerMerges.csv") -> LoadOutcome:
        """Load Gladly's customer merges."""
        return self.workbench.load(merges(self.folder / name, *pairs), kind="gladly_customer_merges")

    def tile(self, name: str, report: str = "inbound_contacts", **selection: Any) -> list[dict[str, Any]]:
        """Return the rows of a tile, of Inbound contacts unless another report is named."""
        return self.ask(report, name, **selection)

    def ask(self, report: str, tile: str, **selection: Any) -> list[dict[str, Any]]:
        """Return the rows of a tile of a report."""
        return plain(self.workbench.report(report, **selection).tile(tile))

    def stored(self, sql: str) -> list[tuple[Any, ...]]:
        """Return rows of the workspace's own tables."""
        return self.workbench.workspace.rows(sql)

    def columns(self, *names: str) -> list[tuple[Any, ...]]:
        """Return columns of the stored contacts, in the order in which their files held them."""
        return self.stored(f"select {', '.join(names)} from gladly_contact_export order by rowid")


def plain(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows with Python's own values; missing is None."""
    return [{str(name): value(cell) for name, cell in row.items()} for row in rows.to_dict("records")]


def value(cell: Any) -> Any:
    """Return a cell as Python's own value; a time of midnight as the text of its day, another as ISO text."""
    if cell is None or cell is pd.NaT or cell != cell:
        return None
    if isinstance(cell, pd.Timestamp):
        return f"{cell:%Y-%m-%d}" if cell == cell.normalize() else cell.isoformat()
    return cell.item() if hasattr(cell, "item") else cell
