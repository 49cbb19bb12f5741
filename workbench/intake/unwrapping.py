"""Which file is inside: a path becomes a clean CSV, out of archives, and by what the file is, not how it is called."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from zipfile import ZipInfo

from workbench.errors import FileRefused, UnknownName, one_line, reason
from workbench.exports import KINDS
from workbench.intake import containers, spreadsheet, text
from workbench.intake.choices import Choices
from workbench.intake.dialect import HEADER_SEARCH
from workbench.intake.folders import ENDINGS
from workbench.intake.limits import LIMITS, Limits
from workbench.intake.tables import Order
from workbench.intake.text import TextFile
from workbench.progress import Progress
from workbench.time import zones

# What files with a table in them end in; beside them, archives hold all kinds of others.
TABLES = (*(f".{ending}" for ending in ENDINGS if ending != "txt"), ".tab", ".xlsm")


def unwrapped(
    source: Path, target: Path, choices: Choices, limits: Limits = LIMITS, progress: Progress | None = None
) -> TextFile:
    """Write a clean CSV of a file to `target`, or beside it, and say what was found. Raises FileRefused."""
    if not source.is_file():
        raise FileRefused(f"{source}: there is no such file. Check the path")
    return _Unwrapping(choices, limits, progress or Progress()).unwrapped(source, target)


def is_sheet(source: Path, file: str, limits: Limits = LIMITS) -> bool:
    """Tell whether a file, called `file`, is a spreadsheet or another table that only a child process reads.

    Raises FileRefused.
    """
    try:
        is_packed = containers.archive(source, file, limits)
        return not is_packed and containers.form(source, file, limits) != "text"
    except OSError:
        return False


def parts(source: Path, file: str, limits: Limits = LIMITS) -> tuple[str, ...]:
    """Return the names of the files in a zip archive of several; none for any other file. Raises FileRefused."""
    try:
        if containers.archive(source, file, limits) != "zip":
            return ()
    except (OSError, ValueError):  # what is not there or cannot be read is said when it is loaded
        return ()
    names = tuple(member.filename for member in containers.members(source, file, limits))
    if len(set(names)) < len(names):
        raise FileRefused(f"{file}: holds two files of one name. Unpack it and load each by itself")
    return names if len(names) > 1 else ()


@dataclass(frozen=True)
class _Unwrapping:
    """The way to one file: what is said of it, within which limits, and what can cancel it."""

    choices: Choices
    limits: Limits
    progress: Progress

    def unwrapped(self, source: Path, target: Path) -> TextFile:
        """Write a clean CSV of a file, or of what is in an archive."""
        file = self.choices.name_of(source)
        try:
            if archive := containers.archive(source, file, self.limits):
                unpack = self._unzipped if archive == "zip" else self._gunzipped
                return unpack(source, target, file)
            return self._plain(source, target, file)
        except OSError as error:
            raise FileRefused(f"{file}: cannot be read ({reason(error)}). Check its permissions") from None

    def _gunzipped(self, source: Path, target: Path, file: str) -> TextFile:
        inner = target.with_suffix(".unpacked")
        containers.gunzip(source, inner, file, self.limits)
        return self._plain(inner, target, file)

    def _unzipped(self, source: Path, target: Path, file: str) -> TextFile:
        """Read the only file of an archive, or the one that is meant. Raises FileRefused, UnknownName."""
        members = {member.filename: member for member in containers.members(source, file, self.limits)}
        names = ", ".join(map(containers.name_of, members.values()))
        if self.choices.part is not None and self.choices.part not in members:
            raise UnknownName(f"file in {file}", self.choices.part, [names])
        if self.choices.part is None and len(members) > 1:
            raise FileRefused(f"{file}: holds several files ({names}). Load them part by part")
        return self._member(source, members[self.choices.part or next(iter(members))], target, file)

    def _member(self, source: Path, member: ZipInfo, target: Path, archive: str) -> TextFile:
        inner = target.with_suffix(".unpacked")
        file = f"{archive} ({containers.name_of(member)})"
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
