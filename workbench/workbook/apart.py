"""The process in which a file to hand over is written: apart from the one that serves pages, and it can be killed.

What the file is to hold lies in a folder of `parts`: a plan, and rows as Parquet, which the workspace's database wrote.
"""

import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench import places
from workbench.errors import WorkbenchError
from workbench.progress import Progress

PLAN = "plan"


@contextmanager
def parts(target: Path) -> Iterator[Path]:
    """Give a folder for what a file is made of, for as long as it is."""
    folder = target.with_suffix(".parts")
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # it may be gone with a load that was taken back


def plan(folder: Path, contents: object) -> None:
    """Put what a file shall hold into the folder of its parts."""
    with (folder / PLAN).open("wb") as file:
        pickle.dump(contents, file)


def run(program: str, folder: Path, target: Path, progress: Progress) -> float:
    """Have a program of this package write the file that is planned in a folder; return the last number it printed."""
    command = [sys.executable, "-m", program, str((folder / PLAN).resolve()), str(target.resolve())]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=places.IMPORTED_FROM
    ) as child:
        said = [0.0]
        with progress.during("Writing the file", lambda: said[0], child.kill):
            assert child.stdout is not None  # it is a pipe
            for line in child.stdout:
                said[0] = float(line)
            errors = child.stderr.read() if child.stderr else ""
    if child.returncode:
        raise WorkbenchError(
            f"The file could not be written. {errors.strip().splitlines()[-1] if errors.strip() else ''}"
        )
    return said[0]
