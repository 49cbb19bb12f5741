"""Contact Workbench: every report of your customer-contact systems, without their caps, with every number's rows."""

from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.notebook import Workbench

__all__ = ["Workbench", "WorkbenchError"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # Imported when asked for: the child processes that read and write spreadsheets need no charts.
    if name == "Workbench":
        from workbench.notebook import Workbench

        return Workbench
    raise AttributeError(name)
