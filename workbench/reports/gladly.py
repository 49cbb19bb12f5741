"""What Gladly's reports share: the log of contacts, with every column of the export."""

from collections.abc import Sequence

from workbench.exports.gladly import CONTACT_EXPORT
from workbench.reports.model import Log

INBOXES = (
    "Which inbox is meant?",
    "Gladly says two things of the inbox of an inbound contact: that its filter goes by the inbox in which the contact"
    " was fulfilled, and that a contact belongs to the first inbox it was assigned to. Here figures and the filter"
    " *Inbox when first queued* go by the first one, as the Contact Export does. For the other reading add the filter"
    " *Inbox when ended*: the inbox that a contact had when it ended; one that has not ended has none.",
)

_OWN = ("exported_customer_id", "clock_change", "load_id")


def contacts_log(
    shown: Sequence[str], search: tuple[str, ...], without: str = "", besides: tuple[str, ...] = ()
) -> Log:
    """Return the log that offers every column of the export besides those shown, but for one `without` its use.

    So are those offered that the report has `besides`.
    """
    columns = (*besides, *(column.name for column in CONTACT_EXPORT.columns), *_OWN)
    return Log(tuple(name for name in columns if name not in (*shown, without)), search, "queued_at:desc")
