"""Which files may be loaded from a folder: those of the folders that a setting names, with every link resolved.

Only here is it decided whether a path stays inside (guarantee 18).
"""

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from workbench.errors import BadSelection, FileRefused

ENDINGS = ("csv", "tsv", "txt", "xlsx", "xlsb", "xls", "ods", "gz", "zip", "parquet")
MOST = 500  # files that are listed
FILES = ".files"  # how the folder beside a workspace ends, in which files wait that are not for everybody


def allowed(setting: str) -> tuple[Path, ...]:
    """Return the folders that a setting names. Raises BadSelection for one that is not there, or the whole disk."""
    found = []
    for name in filter(None, map(str.strip, setting.split(os.pathsep))):
        folder = Path(name).expanduser()
        if not folder.is_absolute() or not _is_folder(folder) or folder.resolve() == Path(folder.anchor):
            raise BadSelection(f"'{name}' is not a folder. Name folders by their whole paths, such as {Path.home()}")
        found.append(folder.resolve())
    return tuple(found)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that none can have
        return False


def listed(folders: Sequence[Path], endings: Sequence[str] = ENDINGS) -> list[Path]:
    """Return the first files in the folders, and in the folders within them, that have one of the endings."""
    return sorted(islice(_files(folders, endings), MOST))


def _files(folders: Sequence[Path], endings: Sequence[str]) -> Iterator[Path]:
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix.lower().lstrip(".") in endings and _is_inside(path, folders):
                yield path


def _is_inside(path: Path, folders: Sequence[Path]) -> bool:
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return False
    return real.is_file() and any(real.is_relative_to(folder) for folder in folders) and not _is_of_workspace(real)


def _is_of_workspace(path: Path) -> bool:
    """Tell whether a file lies in the folder of a workspace, of whomever: as what is exported of it does."""
    return any(
        folder.name.endswith(FILES)
        and folder.name != FILES
        and folder.with_name(folder.name.removesuffix(FILES)).exists()
        for folder in path.parents
    )


def inside(path: Path, folders: Sequence[Path]) -> Path:
    """Return the real path of a file in the folders. Raises FileRefused for any other, links out of them included."""
    if not _is_inside(path, folders):
        raise FileRefused(f"{path.name}: is not in a folder that the settings allow. Copy it there, or name its folder")
    return path.resolve()
