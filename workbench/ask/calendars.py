"""The calendars of a workspace, kept as one of its small lists. They make numbers, so a change is another version."""

from collections.abc import Callable, Sequence
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
    new = {calendar.name: calendar for calendar in calendars}

    def with_new(there: list[Calendar]) -> list[Calendar]:
        kept = [*(calendar for calendar in there if calendar.name not in new), *new.values()]
        defaults = [calendar.name for calendar in (*there, *new.values()) if calendar.is_default]
        return _with_default(kept, ["", *(each.name for each in kept[:1]), *defaults][-1])

    _revise(workspace, with_new)


def delete(workspace: Workspace, name: str) -> None:
    """Delete a calendar. Raises BadSelection where there is none, and for the default one while there are others."""

    def without(there: list[Calendar]) -> list[Calendar]:
        gone = [calendar for calendar in there if calendar.name == name]
        if not gone:
            raise BadSelection(f"There is no calendar '{shortened(name)}'. List them by: calendars list")
        if gone[0].is_default and len(there) > 1:
            raise BadSelection(f"{gone[0].name} is the default calendar. Make another one that, then delete it")
        return [calendar for calendar in there if calendar.name != name]

    _revise(workspace, without)


def _with_default(calendars: Sequence[Calendar], name: str) -> list[Calendar]:
    return [replace(each, is_default=each.name == name) for each in calendars]


def _revise(workspace: Workspace, revised: Callable[[list[Calendar]], Sequence[Calendar]]) -> None:
    """Keep the calendars that follow from those that are kept, and these alone."""
    lists.revise(
        workspace, KEY, lambda found: [each.as_json() for each in _alone(revised(hours.in_order(found)))],
        is_of_numbers=True,
    )  # fmt: skip
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
