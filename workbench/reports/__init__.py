"""What each report consists of: tiles, shapes, dimensions, metrics and their definitions."""

from workbench.errors import UnknownName
from workbench.reports.assignments import ASSIGNMENTS
from workbench.reports.contact_export import CONTACT_EXPORT
from workbench.reports.contacts import CONTACTS
from workbench.reports.conversations import CONVERSATIONS
from workbench.reports.inbound_contacts import INBOUND_CONTACTS
from workbench.reports.messaging_overview import MESSAGING_OVERVIEW
from workbench.reports.model import PERIOD, Dimension, Entity, Log, Metric, Report, Tile
from workbench.reports.repeat_contacts import REPEAT_CONTACTS
from workbench.reports.team_engagement import TEAM_ENGAGEMENT
from workbench.reports.workload import WORKLOAD

REPORTS: dict[str, Report] = {
    report.name: report
    for report in (
        INBOUND_CONTACTS,
        CONTACT_EXPORT,
        WORKLOAD,
        REPEAT_CONTACTS,
        CONTACTS,
        ASSIGNMENTS,
        CONVERSATIONS,
        MESSAGING_OVERVIEW,
        TEAM_ENGAGEMENT,
    )
}

__all__ = ["PERIOD", "REPORTS", "Dimension", "Entity", "Log", "Metric", "Report", "Tile", "report"]


def report(name: str) -> Report:
    """Return the report of that name. Raises UnknownName."""
    if name not in REPORTS:
        raise UnknownName("report", name, REPORTS)
    return REPORTS[name]
