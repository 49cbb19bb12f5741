"""Spreadsheets, pages and files of columns to a clean CSV: the order to the child process, and its answer.

Only the child parses (see `child`). Here it is started, killed when it takes too long, and its end is put into words.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from workbench.errors import ChoiceNeeded, FileRefused
from workbench.intake import compound
from workbench.intake.limits import passed
from workbench.intake.tables import Order
from workbench.intake.text import Ragged, TextFile
from workbench.places import IMPORTED_FROM
from workbench.processes import kill
from workbench.progress import Progress

DAY = 86_400  # seconds; many times as many are more than a system can wait
# Arrow's own allocator and the threads of numpy's reserve more memory than the limits allow.
QUIET = {
    "ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": "4194304", "MALLOC_TRIM_THRESHOLD_": "33554432",
}  # fmt: skip
DAMAGED = {
    "xlsx": "not an .xlsx that can be read",
    "xlsb": "not an .xlsb that can be read",
    "ods": "not an .ods that can be read",
    "xls": compound.UNREADABLE,
    "page": "not a page that can be read",
    "parquet": "not a Parquet file that can be read",
}
OUT_OF_MEMORY = (
    "MemoryError",
    "memory allocation of",
    "ArrowMemoryError",
    "realloc of size",
    "malloc of size",
    "failed to map segment",
)


def read_spreadsheet(order: Order, progress: Progress) -> TextFile:
    """Have the table written that holds a report, and say what was found.

    Raises FileRefused when the file is damaged, passes a limit or holds no report; ChoiceNeeded when several sheets
    do; QueryStopped when it is cancelled, which ends the child at once.
    """
    found = _answer(order, progress)
    if "option" in found:
        raise ChoiceNeeded(found["refused"], found["option"], found["options"])
    if "refused" in found:
        raise FileRefused(found["refused"])
    width = len(found["header"])
    ragged = (
        Ragged(row, f"{fields} fields where the header has {width}", json.dumps(record) if record else None)
        for row, fields, record in found["ragged"]
    )
    return TextFile(
        Path(order.target), order.form, ",", tuple(found["header"]), found["records"], found["first_row"],
        has_rows=True, set_aside=tuple(ragged), warnings=tuple(found["warnings"]), mark=found["mark"],
    )  # fmt: skip


def _answer(order: Order, progress: Progress) -> dict[str, Any]:
    command = [sys.executable, "-m", "workbench.intake.child"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = os.environ | QUIET
    with subprocess.Popen(command, **pipes, cwd=IMPORTED_FROM, env=environment, start_new_session=True) as child:  # type: ignore[call-overload]
        try:
            with progress.during("Reading", stop=partial(kill, child)):
                asked = json.dumps(asdict(order)).encode()
                answer, said = child.communicate(asked, timeout=min(order.limits.seconds, DAY))
        except subprocess.TimeoutExpired:
            raise passed(order.file, "takes too long to read", order.limits, "seconds") from None
        finally:
            kill(child)
    if child.returncode:
        raise _end(child.returncode, said.decode("utf-8", "replace"), order)
    return json.loads(answer)  # type: ignore[no-any-return]


def _end(returncode: int, said: str, order: Order) -> FileRefused:
    """Return the refusal for a child that ended without an answer."""
    file, limits = order.file, order.limits
    if any(mark in said for mark in OUT_OF_MEMORY):
        return FileRefused(
            f"{file}: needs too much memory to read for its size: above the limits least_memory ="
            f" {limits.least_memory >> 20:,} MB and memory_times = {limits.memory_times}, or memory ="
            f" {limits.memory >> 20:,} MB. Export a CSV instead"
        )
    if os.name == "posix" and returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return passed(file, "takes too long to read", limits, "seconds")
    if "File too large" in said:
        return passed(file, "holds too much text", limits, "disk")
    return FileRefused(f"{file}: {DAMAGED[order.form]}, or damaged. Save it again, or export a CSV")
