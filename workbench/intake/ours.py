"""A table that this program wrote itself and that comes back: which one it is, and what its columns hold.

A log is read by our own names, and nothing that is stored changes by it (see `absent`). Any other table is refused by
its name: its numbers were computed from rows, and no row can be made of them.
"""

from workbench.errors import ChoiceNeeded, FileRefused
from workbench.exports import KINDS, Column
from workbench.intake import headers
from workbench.intake.choices import Choices
from workbench.intake.headers import HeaderMap, OwnLog
from workbench.intake.text import TextFile
from workbench.reports import own
from workbench.reports.labels import without_unit
from workbench.reports.own import STANDS_IN, OwnTable

FROM_FILE = " (in the file)"  # behind a file's own column whose name could be one of ours


def log_of(text: TextFile, choices: Choices) -> OwnLog | None:
    """Return how a file is read that is a log of ours; None for any other file, and where a mapping says what it is.

    Raises FileRefused for another table of ours, or for a log without what identifies its rows.
    """
    if choices.mapping_of(text.header):
        return None
    table = _table(text, choices)
    if table is None:
        return None
    if not table.kind:
        raise FileRefused(f"{text.file}: a tile of this program: '{table.title}'. Load the export itself")
    found = _read(text, table)
    lacking = [KINDS[table.kind].column(name) for name in _needed(table.kind) if name not in found.headers.known]
    if lacking:
        names = ", ".join(column.label for column in lacking)
        raise FileRefused(
            f"{text.file}: a log of this program ('{table.title}') without {names}, by which its rows are known. Show"
            " that column in the log and export it again, or load the export itself"
        )
    return found


def _needed(kind: str) -> list[str]:
    constants = dict(KINDS[kind].constants)
    return [name for name in dict.fromkeys((*KINDS[kind].key, *KINDS[kind].required)) if name not in constants]


def _table(text: TextFile, choices: Choices) -> OwnTable | None:
    header = [without_unit(each) for each in text.header]
    if text.mark:
        name = text.mark.partition(" ")[0] if "/" in text.mark else text.mark  # without a zone where it is no tile's
        return own.marked(text.mark, header) or OwnTable(name, "", {})
    alike = own.alike(header)
    most = max((len(table.headers) for table in alike if table.kind), default=0)
    logs = {table.kind: table for table in alike if table.kind and len(table.headers) == most}
    if len(logs) < 2:
        return next(iter([*logs.values(), *alike]), None)
    fitting = headers.named(text.file, [KINDS[name] for name in logs])
    named = [choices.kind] if choices.kind else [kind.name for kind in fitting]
    if len(named) != 1 or named[0] not in logs:
        raise ChoiceNeeded(
            f"{text.file}: a log of this program that fits several kinds ({', '.join(logs)}). Say which with --kind",
            "--kind", logs,
        )  # fmt: skip
    return logs[named[0]]


def _read(text: TextFile, table: OwnTable) -> OwnLog:
    kind = KINDS[table.kind]
    held = set(table.headers.values())
    columns: list[Column | str] = []
    left, stand_ins = set(), set()
    shown = []
    for n, header in enumerate(text.header):
        name = table.headers.get(without_unit(header))
        column = (name or "").removeprefix(STANDS_IN)
        if name is None:
            columns.append(header.removeprefix("'").removesuffix(FROM_FILE) or f"Column {n + 1}")
        elif not name or (name != column and column in held) or kind.column(column) in columns:
            columns.append(header)
            left.add(n)
            shown += [(n, each) for each in kind.columns if each.type == "duration" and each.label == header]
        else:
            columns.append(kind.column(column))
            stand_ins |= {column} if name != column else set()
    found = HeaderMap(kind, tuple(columns), frozenset(left), tuple(shown))
    return OwnLog(table.title, found, table.zone or None, frozenset(stand_ins))
