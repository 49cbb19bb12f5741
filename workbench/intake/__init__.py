"""Bytes to rows: container, encoding, dialect and header are found, values converted, misfits set aside, rows settled.

containers, zips    what a file is; archives            text, spreadsheet   any file --> a clean CSV
child               parses what bites, in a process of its own: package, scan (the check), tables, cells, page, parquet
headers             which kind it is, and its columns   reading             how the file is to be read
convert             text to typed values                limits              how large all of it may be
loader              rows into their table, settled      load      all of it, with its record, in one transaction
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.intake.reading import Choices

__all__ = ["Choices"]


def __getattr__(name: str) -> object:
    # Imported when asked for: the child process that parses files needs no database.
    if name == "Choices":
        from workbench.intake.reading import Choices

        return Choices
    raise AttributeError(name)
