"""What the numbers of a question rest on, in words that every face says: files, credited orders, the unit of money."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from workbench.ask import answers, engine, hours
from workbench.ask.hours import Calendar
from workbench.ask.question import Question
from workbench.ask.selection import Selection, wanted
from workbench.exports import KINDS
from workbench.intake.outcome import kinds_of
from workbench.reports import Dimension
from workbench.reports.dimensions import CHANNEL
from workbench.reports.entities import WIDER
from workbench.reports.settings import DEFINITIONS, EVERY, Seconds

_THRESHOLD = "{threshold}"  # in the formula of a definition
SERVED = "Service level"
MOST_OFFERED = 5  # values that are named in the place of one that is not there


@dataclass(frozen=True)
class Source:
    """A file that numbers rest on, once, with every load of it; `what` are the titles of its kinds of export."""

    what: str
    file: str
    load_ids: tuple[int, ...]

    @property
    def name(self) -> str:
        """The file's name and its loads."""
        first, *later = map(str, self.load_ids)
        loads = f"loads {', '.join([first, *later[:-1]])} and {later[-1]}" if later else f"load {first}"
        return f"{self.file} ({loads})"

    def __str__(self) -> str:
        """Return what it is, its name and its loads."""
        return f"{self.what}: {self.name}"


def sources(question: Question) -> list[Source]:
    """Return every file that numbers rest on, are changed by or stand beside, the report's own kinds first.

    The same bytes under the same name are one file, however often they were loaded.
    """
    wanted_kinds = question.report.sources(question.selection.as_exported)
    found: dict[tuple[str, str, str | None], list[int]] = {}
    for load in reversed(question.workspace.loads(wanted_kinds)):
        found.setdefault((load["kind"], load["file"], load["sha256"]), []).append(load["load_id"])
    in_order = sorted(found.items(), key=lambda each: _place(each[0][0], wanted_kinds))
    return [Source(_titles(kind), file, tuple(loads)) for (kind, file, _), loads in in_order]


def by_kind(question: Question) -> list[tuple[str, list[Source]]]:
    """Return the sources under what they are."""
    return [(what, list(found)) for what, found in groupby(sources(question), lambda source: source.what)]


def _place(kind: str, wanted_kinds: tuple[str, ...]) -> int:
    return min(wanted_kinds.index(name) for name in kinds_of({"kind": kind}) if name in wanted_kinds)


def _titles(kind: str) -> str:
    return ", ".join(KINDS[name].title for name in kinds_of({"kind": kind}))


def unknown(question: Question) -> list[str]:
    """Say which values of filters no loaded row of any day has, and which there are: a misspelt one matches nothing."""
    everything = question.asking(replace(question.selection.of_range, start=None, end=None, preset="all"))
    asked = [(question.report.dimension(key), values) for key, values in question.selection.filters]
    listed = [(dimension, values) for dimension, values in asked if not (dimension.is_typed or dimension.condition)]
    return [
        f"No loaded row has {dimension.label.lower()} '{value}'. {_offered(dimension, known)}"
        for dimension, values in listed
        for known in [[each for each, _ in answers.options(everything, dimension.key)]]
        for value in values
        if value not in known
    ]


def _offered(dimension: Dimension, known: Sequence[str]) -> str:
    if not known:
        return "Nothing of it is loaded"
    first = ", ".join(value or f"'' ({dimension.missing})" for value in known[:MOST_OFFERED])
    return f"{'The most frequent' if len(known) > MOST_OFFERED else 'There are'}: {first}"


def crediting(question: Question) -> str:
    """Return by which rule orders are credited, '' for a report without any."""
    selection = question.selection
    if "touch" not in question.report.settings:
        return ""
    return f"Orders credited to the {selection.touch} message within {window(selection)}"


def placing(question: Question) -> str:
    """Return by which moment conversations are placed, '' for a report without any."""
    if "by" not in question.report.settings:
        return ""
    when = {"closed": "when they were closed", "opened": "when they were opened"}[question.selection.by]
    return f"Conversations placed {when}; those opened and closed are counted at their own dates"


def rules(question: Question) -> list[tuple[str, str]]:
    """Return by which rules a report's numbers are made that its user sets, as labels and texts."""
    selection, settings = question.selection, question.report.settings
    credited = crediting(question)
    return [
        *([("Placed", placing(question))] if "by" in settings else []),
        *([("Credited", credited)] if credited else []),
        *([(SERVED, served(selection))] if "service_level" in settings else []),
        *([("Repeats", repeated(selection))] if "within_days" in settings else []),
        *([("Staffing", staffed(selection))] if "shrinkage" in settings else []),
    ]


def calendars(question: Question) -> list[Calendar]:
    """Return the calendars by whose hours waits count, none for a report without such waits."""
    has_waits = any(entity in WIDER for entity in question.report.entities)
    return hours.in_force(question.workspace) if has_waits else []


def served(selection: Selection) -> str:
    """Return by which definition the service level is computed, and the seconds of those that stand beside it."""
    label, formula = DEFINITIONS[selection.setting("service_level")]
    short, threshold = selection.setting("short_abandon"), _seconds(selection.setting("threshold"))
    left = f", without those abandoned within {_seconds(short)}" if short else ""
    besides = [name for name, other in DEFINITIONS.values() if _THRESHOLD in other and _THRESHOLD not in formula]
    said = f"; {' and '.join(besides)} within {threshold}" if besides else ""
    return f"{formula.format(threshold=threshold)}{left} ({label}){said}"


def _seconds(found: Seconds) -> str:
    """Return seconds in words, those of a channel behind its name."""
    general = [f"{seconds:g} s" for channel, seconds in found if channel == EVERY]
    return ", ".join([*general, *(f"{CHANNEL.shown(of)} {seconds:g} s" for of, seconds in found if of != EVERY)])


def repeated(selection: Selection) -> str:
    """Return what makes a contact a repeat, and what a forward."""
    days, minutes = selection.setting("within_days"), selection.setting("forward_minutes")
    same = " by the same channel" if selection.same_channel else ""
    return (
        f"Another contact{same} within {days} day{'s' * (days > 1)} is a repeat,"
        f" within {minutes} minute{'s' * (minutes != 1)} a forward"
    )


def staffed(selection: Selection) -> str:
    """Return what agents are planned for."""
    target, away = selection.setting("target"), selection.setting("shrinkage")
    seconds = dict(selection.setting("threshold"))
    within = seconds.get("PHONE_CALL", seconds[EVERY])
    return f"{100 * target:g} % of calls answered within {within:g} s, with {100 * away:g} % of the agents away"


def window(selection: Selection) -> str:
    """Return how many days an order may come after its message."""
    return "1 day" if selection.window_days == 1 else f"{selection.window_days} days"


def units(question: Question) -> tuple[str, ...]:
    """Return what the money of a report is in: the one chosen, else each that orders have; none where nothing has."""
    unit = question.report.unit_dimension
    if unit is None:
        return ()
    if unit.key in question.active:
        return wanted(question.selection, unit.key)
    return tuple(value for value, _ in answers.options(question, unit.key))


def unit(question: Question) -> str:
    """Return the unit to say with money, '' where there is no money or it is empty."""
    dimension, found = question.report.unit_dimension, units(question)
    return _named(dimension, found[0]) if dimension and len(found) == 1 else ""


def _named(dimension: Dimension, value: str) -> str:
    return dimension.shown(value) if value else dimension.missing.lower()


def money(question: Question) -> str:
    """Return what money is in, or that it is empty and what to do; '' for a report without any."""
    dimension, found = question.report.unit_dimension, units(question)
    if dimension is None or not found:
        return ""
    named = [_named(dimension, value) for value in sorted(found)]
    if len(named) == 1:
        return f"Revenue in {named[0]}"
    return f"Revenue is empty, as orders are in {', '.join(named[:-1])} and {named[-1]}: choose one {dimension.key}"


def said(question: Question, *, briefly: bool = False) -> list[str]:
    """Return which engine answers, by which rules and calendars, and what money is in, as far as there is any.

    Said `briefly`, as a line has room for, a definition is its name alone.
    """
    answering = engine.as_of(question.workspace, question.scope.zone)
    is_plain = ("Placed", "Credited")  # which say by themselves what they are of
    told = dict(rules(question))
    if briefly and SERVED in told:
        told[SERVED] = f"as {DEFINITIONS[question.selection.setting('service_level')][0]}"
    followed = [text if label in is_plain else f"{label}: {text[:1].lower()}{text[1:]}" for label, text in told.items()]
    open_by = ", ".join(calendar.name for calendar in calendars(question))
    return [
        text for text in (answering, *followed, open_by and f"Business hours by {open_by}", money(question)) if text
    ]
