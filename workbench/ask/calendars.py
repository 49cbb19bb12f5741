"""The calendars of a workspace, kept as one of its small lists. They make numbers, so a change is another version."""

from collections.abc import Sequence
from dataclasses import replace

from workbench.ask import hours, lists, shell
from workbench.ask.hours import KEY, Calendar
from workbench.errors import BadSelection, shortened
from workbench.store.workspace import Workspace

MOST = 50


def put(workspace: Workspace, *calendars: Calendar) -> None:
    """Keep calendars, each in the place of another of its name. The first of all is the default one.

    One that is to be the default one takes the place of the one that was. Raises BadSelection for an inbox of two.
    """
    new, there = {calendar.name: calendar for calendar in calendars}, hours.saved(workspace)
    kept = [*(calendar for calendar in there if calendar.name not in new), *new.values()]
    defaults = [calendar.name for calendar in (*there, *new.values()) if calendar.is_default]
    _keep(workspace, kept, ["", *(each.name for each in kept[:1]), *defaults][-1])


def delete(workspace: Workspace, name: str) -> None:
    """Delete a calendar. Raises BadSelection where there is none, and for the default one while there are others."""
    found = hours.saved(workspace)
    gone = [calendar for calendar in found if calendar.name == name]
    if not gone:
        raise BadSelection(f"There is no calendar '{shortened(name)}'. List them by: calendars list")
    if gone[0].is_default and len(found) > 1:
        raise BadSelection(f"{gone[0].name} is the default calendar. Make another one that, then delete it")
    _keep(workspace, [calendar for calendar in found if calendar.name != name], found[0].name)


def _keep(workspace: Workspace, calendars: Sequence[Calendar], default: str) -> None:
    """Keep these calendars alone, that of a name as the default one."""
    entries = [replace(each, is_default=each.name == default).as_json() for each in _alone(calendars)]
    lists.replace(workspace, KEY, lambda entry: True, entries, is_of_numbers=True)
    if workspace.path:  # the views of one in memory are made when they are asked for
        shell.install(workspace)


def _alone(calendars: Sequence[Calendar]) -> Sequence[Calendar]:
    """Return calendars as they are. Raises BadSelection for too many, and for an inbox that follows two."""
    if len(calendars) > MOST:
        raise BadSelection(f"{len(calendars):,} calendars are too many. Keep {MOST} at most")
    followed: dict[str, str] = {}
    for calendar in calendars:
        for inbox in calendar.inboxes:
            if inbox in followed:
                raise BadSelection(
                    f"The inbox '{shortened(inbox)}' follows {followed[inbox]} already. Take it out there, or here"
                )
            followed[inbox] = calendar.name
    return calendars


def exported(calendars: Sequence[Calendar]) -> str:
    """Return calendars as the text of a file."""
    return lists.as_text(KEY, [calendar.as_json() for calendar in calendars])


def imported(workspace: Workspace, text: str) -> list[Calendar]:
    """Keep the calendars of a file, and return them. Raises BadSelection and UnknownName, and then keeps none."""
    found = lists.of_text(KEY, text, hours.of_json)
    put(workspace, *found)
    return found
