"""Makes a small workspace with something of everything, to be opened by every later version (guarantee 29).

`python -m tests.old_workspaces.make FOLDER`, before the schema changes; what it makes is then committed and never
made again: the files that were loaded, the workspace, and what it answered.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.builders import (
    HEADER,
    Desk,
    Row,
    activity,
    assignment,
    contact,
    conversation,
    message,
    order,
    plain,
    row,
    user,
    written,
)
from workbench import Workbench, reports
from workbench.ask import views
from workbench.intake.choices import Choices
from workbench.intake.mappings import ColumnMapping

MAPPING = ColumnMapping("lexer_orders", (("Bill", "order_id"), ("Paid", "ordered_at"), ("Sum", "order_value"),
                                         ("Money", "currency"), ("Buyer", "customer_id"), ("Till", None)))  # fmt: skip


def _files(folder: Path) -> Iterator[tuple[Path, Choices]]:
    """Write the files in the order in which they are loaded, each with what is said of it."""
    utc = Choices(zone="UTC")
    mood = {"Mood": "calm"}
    first = contact(contact_id="c1", channel="CHAT", contact_handle_seconds="120.5") | mood
    others = [contact("2024-03-05 11:00:00", contact_id=f"c{n}", agent_when_ended=f"Bo {n}") | mood for n in (2, 3)]
    unfit = contact(contact_id="c4", contact_handle_seconds="long") | mood
    restated = first | {"Channel": "SMS", "Mood": "cross"}
    yield written(folder / "ContactExport-20240305-20240306.csv", [first, *others, unfit], [*HEADER, "Mood"]), utc
    yield written(folder / "ContactExport-20240305-20240305.csv", [restated], [*HEADER, "Mood"]), utc
    for name, rows in _logs():
        yield written(folder / name, rows, list(dict.fromkeys(header for row in rows for header in row))), utc
    paid = [{"Bill": "b1", "Paid": "2024-03-06 12:00:00", "Sum": "7.50", "Money": "EUR", "Buyer": "lx1", "Till": "2"}]
    yield written(folder / "bills.csv", paid, list(paid[0])), Choices(zone="UTC", mapping=MAPPING)


def _logs() -> Iterator[tuple[str, list[Row]]]:
    """Give the respond.io logs of today's downloads, some of them pulled twice, and Lexer's files."""
    none = {"Sub Source": "", "Ad campaign ID": "", "Ad group ID": "-", "Ad ID": "-", "Channel": ""}
    ad = {"Sub Source": "Click-to-Chat Ads", "Ad campaign ID": "120210000000000017", "Ad group ID": "Null",
          "Ad ID": "120210000000000033", "Channel": "WhatsApp"}  # fmt: skip
    stage = {"Lifecycle": "Lead"}

    def added(contact_id: str, more: Row, name: str = "Ada Quill") -> Row:
        return activity(contact_id=contact_id, contact_name=name, source="Incoming Message", user_name="-") | more

    twice = added("210000001", ad | stage)
    yield "ContactsAdded-20240305-20240305.csv", [twice, twice, added("210000002", none | {"Lifecycle": ""})]
    yield "ContactsAdded-20240305-20240306.csv", [twice, twice, added("210000002", ad | stage, "Ada Quill-Moor")]
    connected = activity("connected", contact_id="210000001", source="Broadcast") | ad
    yield "ContactsConnected-20240305-20240305.csv", [connected]
    yield "ContactsMerged-20240305-20240305.csv", [activity("merged", contact_id="210000003")]
    yield "Assignments-20240305-20240305.csv", [assignment(conversation_id="1000000000000001", contact_id="210000001")]
    yield "Users.csv", [user(user_id="700001", name="Bo")]
    yield "Channels.csv", [row("respondio_channels", {"channel_id": "31", "name": "WhatsApp"})]
    yield "Conversations-20240305-20240305.csv", [conversation(conversation_id="1000000000000009", opened_channel="31")]
    summary = row("gladly_contact_summary", {"date": "2024-03-05", "contacts_ended": "3", "contacts_fulfilled": "2"})
    talked = summary | {"Avg. Talk Time (sec)": "12.5", "Of our own": "x"}
    yield "ContactSummary-20240305-20240306-Daily.csv", [talked, talked | {"Ended At Date": "2024-03-06"}]
    yield "LexerMessages-20240305-20240306.csv", [message(message_id="m1", customer_id="lx1")]
    yield "LexerOrders-20240305-20240306.csv", [order(order_id="o1", customer_id="lx1")]


def answers(workbench: Workbench) -> dict[str, Any]:
    """Return the rows of every tile that has an answer."""
    found: dict[str, Any] = {}
    for report in reports.REPORTS.values():
        asked = workbench.report(report.name)
        found |= {f"{report.name} {tile.name}": plain(asked.tile(tile.name)) for tile in report.tiles}
    return found


def make(folder: Path) -> None:
    """Load every file, set what can be set, and keep all that a later version needs to be tested by."""
    folder.mkdir(parents=True)
    path = folder / "workspace.duckdb"
    desk = Desk(folder, Workbench(path))
    for file, choices in _files(folder):
        desk.workbench.workspace.load(file, choices)
    workspace = desk.workbench.workspace
    workspace.set("week_start", "sunday")
    views.save(workspace, views.View("By hand", "contacts", {"rollup": ["week"]}, is_default=True))
    views.keep_columns(workspace, "contacts", "added_log", ["timestamp", "contact_id", "Sub Source"])
    (folder / "answers.json").write_text(json.dumps(answers(desk.workbench), indent=1), encoding="utf-8")
    desk.workbench.close()
    (folder / "workspace.duckdb.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    path.unlink()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
