"""The last sheets: checks that anybody can recalculate, what the numbers mean, and how good the data is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from workbench.workbook.plan import SECONDS_A_DAY, Check, Condition, Lines, View
from workbench.workbook.rows import MOST_LINKS, TEXT_LIMIT, Changed
from workbench.workbook.sheets import BOLD, QUIET, TOP, WRAPPED, Book, fit, look, printed, reference, shortened, widen
from workbench.workbook.tables import Placed

CHECKS = ("Report", "Metric", "Value", "From the log", "Do they agree?", "Formula in words, or why there is none")
DEFINITIONS = ("Report", "Name", "What it means", "Formula", "What it rests on", "SQL")
AGREE, DIFFER = "agrees", "differs"
# Sums of floats may differ by a billionth.
AGREEMENT = (
    f"=IF(IF(AND(ISNUMBER(C{{row}}),ISNUMBER(D{{row}})),ABS(C{{row}}-D{{row}})<=1E-9*MAX(1,ABS(C{{row}})),"
    f'C{{row}}&""=D{{row}}&""),"{AGREE}","{DIFFER}")'
)
CHECK_WIDTHS, DEFINITION_WIDTHS, QUALITY_WIDTHS = (22, 30, 16, 16, 16, 84), (20, 26, 56, 44, 44, 90), (40, 110)
_OVER = {"average": ("SUM", "COUNT"), "sum": ("SUM", ""), "median": ("MEDIAN", ""), "p90": ("PERCENTILE", "")}


@dataclass(frozen=True)
class Known:
    """What a formula comes to, for whoever opens the file where nothing is calculated: a preview, a phone."""

    cell: str
    value: object


def checks(book: Book, sheet: Worksheet, views: Sequence[tuple[View, Mapping[str, Placed]]]) -> list[Known]:
    """Write a live formula over a log beside every value that one gives again, and why there is none of the others."""
    widen(sheet, CHECK_WIDTHS)
    row = book.titled(sheet, "Checks", "Every formula counts the rows of the log again: change one, and it shows here")
    book.header(sheet, row, CHECKS, (3, 4))
    sheet.freeze_panes = sheet.cell(row + 1, 1)
    known: list[Known] = []
    for view, placed in views:
        for check in sorted(view.checks, key=lambda each: bool(each.reason)):
            row += 1
            book.line(sheet, row, (view.title, check.label), alignment=TOP)
            book.put(sheet.cell(row, 3), check.value, check.format).alignment = TOP
            formula = "" if check.reason else _formula(check, placed[check.log])
            if not formula:
                reason = check.reason or "its log stands on several sheets, over which Excel takes no median"
                _words(book, sheet, row, f"Not checked: {reason}")
                continue
            written = look(book.put(sheet.cell(row, 4), 0, check.format), alignment=TOP)
            written.value = f"={formula}"
            sheet.cell(row, 5).value = AGREEMENT.format(row=row)
            look(sheet.cell(row, 5), alignment=Alignment(horizontal="center", vertical="top"))
            _words(book, sheet, row, check.words)
            is_days = check.format == "duration" and check.value is not None
            shown = check.value / SECONDS_A_DAY if is_days and check.value is not None else check.value
            known += [Known(f"D{row}", "" if shown is None else shown), Known(f"E{row}", AGREE)]
    printed(sheet, "Checks", is_wide=True)
    return known


def _words(book: Book, sheet: Worksheet, row: int, text: str) -> None:
    look(book.put(sheet.cell(row, 6), text), font=QUIET, alignment=WRAPPED)
    fit(sheet, row, (text,), CHECK_WIDTHS[-1:])


def _formula(check: Check, placed: Placed) -> str:
    """Return Excel's formula of a check over the sheets of a log, '' where there is none over several."""
    if check.how == "count":
        return _counted(check.conditions or (Condition(check.column, "<>"),), placed)
    if check.how == "rate":
        both = (*check.conditions, *check.parts)
        return f'IFERROR(({_counted(both, placed)})/({_counted(check.conditions, placed)}),"")'
    ranges = _ranges(check.column, placed)
    function, divisor = _OVER[check.how]
    if len(ranges) > 1 and function not in ("SUM", "COUNT"):
        return ""
    if check.how == "p90":
        value = f"PERCENTILE({ranges[0]},0.9)"
    elif check.how == "sum":  # of nothing it is missing, and not zero
        counted = _counted((*check.conditions, Condition(check.column, "<>")), placed)
        summed = "+".join(_summed(check, placed, n) for n in range(len(ranges)))
        value = f'IF({counted}=0,"",{summed})'
    else:
        value = f"{function}({','.join(ranges)})" + (f"/{divisor}({','.join(ranges)})" if divisor else "")
    in_days = f"/{SECONDS_A_DAY}" if check.format == "duration" else ""
    return f'IFERROR(({value}){in_days},"")'


def _counted(conditions: Sequence[Condition], placed: Placed) -> str:
    return "+".join(f"COUNTIFS({_criteria(conditions, placed, n)})" for n in range(len(placed.sheets)))


def _summed(check: Check, placed: Placed, sheet: int) -> str:
    numbers = _ranges(check.column, placed)[sheet]
    return f"SUMIFS({numbers},{_criteria(check.conditions or (Condition(check.column, '<>'),), placed, sheet)})"


def _criteria(conditions: Sequence[Condition], placed: Placed, sheet: int) -> str:
    return ",".join(f"{_ranges(each.column, placed)[sheet]},{_literal(each.criterion)}" for each in conditions)


def _literal(criterion: str | bool) -> str:
    return str(criterion).upper() if isinstance(criterion, bool) else '"' + criterion.replace('"', '""') + '"'


def _ranges(column: str, placed: Placed) -> list[str]:
    letter, first = placed.columns[column], placed.header + 1
    return [
        reference(sheet.title, f"${letter}${first}:${letter}${first + max(1, length) - 1}")
        for sheet, length in placed.sheets
    ]


def definitions(book: Book, sheet: Worksheet, views: Sequence[View]) -> None:
    """Write what every number means, what it rests on, and the SQL of every tile."""
    widen(sheet, DEFINITION_WIDTHS)
    row = book.titled(sheet, "Definitions", "What every number means, and the SQL that gives every tile")
    book.header(sheet, row, DEFINITIONS)
    sheet.freeze_panes = sheet.cell(row + 1, 3)
    of_view = {each: view.title for view in reversed(views) for each in view.definitions}  # the first that has it
    for each in dict.fromkeys(each for view in views for each in view.definitions):
        said = (of_view[each], each.label, each.meaning, each.formula, each.rests_on)
        for n, sql in enumerate(_pieces(each.sql)):
            row += 1
            texts = (*(said if n == 0 else [""] * len(said)), sql)
            cells = book.line(sheet, row, texts, alignment=WRAPPED)
            look(cells[1], font=BOLD)
            fit(sheet, row, texts[:-1], DEFINITION_WIDTHS[:-1])
    printed(sheet, "Definitions", is_wide=True)
    sheet.print_area = f"A1:E{row}"


def _pieces(sql: str) -> list[str]:
    """Return a SELECT in pieces that a cell holds, cut at ends of lines."""
    if shortened(sql) == sql:
        return [sql]
    return re.findall(rf"(?s).{{1,{TEXT_LIMIT // 2}}}(?:\n|$)|.{{1,{TEXT_LIMIT // 2}}}", sql)


def quality(book: Book, sheet: Worksheet, views: Sequence[View], changed: Sequence[Changed]) -> None:
    """Write what is odd about the data, and what of it no cell could hold as it is."""
    widen(sheet, QUALITY_WIDTHS)
    row = book.titled(sheet, "Data quality", "What was loaded, what is missing, and what is odd about it") - 1
    for label, text in _of_views(views):
        row = _said(book, sheet, row + 1, label, text)
    for label, text in _fitted(book, changed):
        row = _said(book, sheet, row + 1, label, text)
    printed(sheet, "Data quality", is_wide=True)


def _of_views(views: Sequence[View]) -> Lines:
    """Return what is said of the data of views, each line once, and of which views where it is not of all."""
    found: dict[tuple[str, str], list[str]] = {}
    for view in views:
        for line in view.quality:
            found.setdefault(line, []).append(view.title)
    return [
        (label if len(titles) == len(views) else f"{label} ({', '.join(titles)})", text)
        for (label, text), titles in found.items()
    ]


def _said(book: Book, sheet: Worksheet, row: int, label: str, text: str) -> int:
    look(book.put(sheet.cell(row, 1), label), font=BOLD, alignment=WRAPPED)
    look(book.put(sheet.cell(row, 2), text), alignment=WRAPPED)
    fit(sheet, row, (label, text), QUALITY_WIDTHS)
    return row


def _fitted(book: Book, changed: Sequence[Changed]) -> Lines:
    """Return what the workbook does not hold as it is, in words; that it holds everything where that is so."""
    shortened = book.shortened + sum(each.shortened for each in changed)
    replaced = book.replaced + sum(each.replaced for each in changed)
    old, unlinked = sum(each.old for each in changed), sum(each.unlinked for each in changed)
    said = [
        (shortened, "Shortened", f"Texts longer than the {TEXT_LIMIT:,} characters of a cell, which are cut"),
        (
            replaced,
            "Replaced characters",
            "Texts with characters that no workbook can hold, which have � in their place",
        ),
        (old, "Old dates", "Times before 1 March 1900, which Excel does not have and are texts here"),
        (unlinked, "Links as texts", f"Links beyond the {MOST_LINKS:,} that a sheet can hold, which are texts"),
    ]
    found = [(label, f"{text}: {number:,}") for number, label, text in said if number]
    return found or [("In this workbook", "Every value is as it was loaded: nothing was cut or changed")]
