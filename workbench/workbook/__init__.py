"""Files to hand over. What makes them is imported when it is asked for: the process that writes them needs
neither charts nor the database of a workspace, whose imports take longer than most workbooks."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.workbook.files import Export, FileFormat, prepare, prepare_rows, write
    from workbench.workbook.packs import shown_tiles
    from workbench.workbook.plain import safe
    from workbench.workbook.prepared import Prepared, apostrophes
    from workbench.workbook.said import about, command

__all__ = [
    "Export", "FileFormat", "Prepared", "about", "apostrophes", "command", "prepare", "prepare_rows", "safe",
    "shown_tiles", "write",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(name)
    from workbench.workbook import files, packs, plain, prepared, said

    return next(vars(module)[name] for module in (files, packs, plain, prepared, said) if name in vars(module))
