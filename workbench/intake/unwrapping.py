"""Which file is inside: a path becomes a clean CSV, out of archives, and by what the file is, not how it is called."""

from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from zipfile import ZipInfo

from workbench.errors import ChoiceNeeded, FileRefused, one_line
from workbench.exports import KINDS
from workbench.intake import containers, headers, spreadsheet, text
from workbench.intake.choices import Choices
from workbench.intake.dialect import HEADER_SEARCH
from workbench.intake.limits import LIMITS, Limits
from workbench.intake.tables import Order
from workbench.intake.text import TextFile
from workbench.progress import Progress
from workbench.time import zones


def unwrapped(
    source: Path, target: Path, choices: Choices, limits: Limits = LIMITS, progress: Progress | None = None
) -> TextFile:
    """Write a clean CSV of a file to `target`, or beside it, and say what was found. Raises FileRefused."""
    if not source.is_file():
        raise FileRefused(f"{source}: there is no such file. Check the path")
    return _Unwrapping(choices, limits, progress or Progress()).unwrapped(source, target)


class _NoReport(Exception):
    """A file in an archive that holds no report by itself."""


@dataclass(frozen=True)
class _Unwrapping:
    """The way to one file: what is said of it, within which limits, and what can cancel it."""

    choices: Choices
    limits: Limits
    progress: Progress

    def unwrapped(self, source: Path, target: Path) -> TextFile:
        """Write a clean CSV of a file, or of what is in an archive."""
        try:
            if archive := containers.archive(source, source.name, self.limits):
                return self._unzipped(source, target) if archive == "zip" else self._gunzipped(source, target)
            return self._plain(source, target, source.name)
        except OSError as error:
            raise FileRefused(f"{source.name}: cannot be read ({error.strerror}). Check its permissions") from None

    def _gunzipped(self, source: Path, target: Path) -> TextFile:
        inner = target.with_suffix(".unpacked")
        containers.gunzip(source, inner, source.name, self.limits)
        return self._plain(inner, target, source.name)

    def _unzipped(self, source: Path, target: Path) -> TextFile:
        """Read the only file of an archive, or of several the only one that holds a report. Raises FileRefused."""
        members = containers.members(source, source.name, self.limits)
        if len(members) == 1:
            return self._member(source, members[0], target)
        found: list[TextFile | ChoiceNeeded] = []
        for n, member in enumerate(members):
            with suppress(_NoReport):
                found.append(self._report(source, member, target.with_suffix(f".{n}.csv")))
        if len(found) != 1:
            names = ", ".join(map(containers.name_of, members))
            what = "several reports" if found else "no report"
            raise FileRefused(f"{source.name}: holds {what} ({names}). Unpack it and load each by itself")
        if isinstance(found[0], ChoiceNeeded):
            raise found[0]
        return found[0]

    def _report(self, source: Path, member: ZipInfo, target: Path) -> TextFile | ChoiceNeeded:
        """Read one of several files in an archive, or say what the user must choose. Raises _NoReport."""
        try:
            found = self._member(source, member, target)
        except ChoiceNeeded as needed:
            return needed
        except FileRefused:
            raise _NoReport from None
        if not self._is_report(found, containers.name_of(member)):
            raise _NoReport
        return found

    def _is_report(self, found: TextFile, name: str) -> bool:
        if not found.header:  # a period without rows, when the name says of what
            return bool(headers.named(name, KINDS.values()))
        kinds = self.choices.kinds_of(found.header).values()
        return any(not headers.missing(headers.mapped(found.header, kind)) for kind in kinds)

    def _member(self, source: Path, member: ZipInfo, target: Path) -> TextFile:
        inner = target.with_suffix(".unpacked")
        file = f"{source.name} ({containers.name_of(member)})"
        containers.unzip(source, member, inner, file)
        return self._plain(inner, target, file)

    def _plain(self, source: Path, target: Path, file: str) -> TextFile:
        """Read a file that is no archive; `file` is how people call it."""
        form = containers.form(source, file, self.limits)
        if form == "text":
            return text.read_text(source, target, self.choices.kinds, one_line(file), self.choices.encoding)
        return replace(self._sheet(source, target, file, form), file=one_line(file))

    def _sheet(self, source: Path, target: Path, file: str, form: str) -> TextFile:
        said = self.choices
        order = Order(
            str(source.resolve()), str(target.resolve()), file, form, said.sheet,
            kinds=(said.kind,) if said.kind else tuple(KINDS), mappings=tuple(map(asdict, said.mappings)),
            header_search=HEADER_SEARCH, years=(zones.FIRST_YEAR, zones.LAST_YEAR), limits=self.limits,
            date_order=said.date_order,
        )  # fmt: skip
        sheet = spreadsheet.read_spreadsheet(order, self.progress)
        return text.without_totals(sheet, said.kinds) if sheet.records else sheet
