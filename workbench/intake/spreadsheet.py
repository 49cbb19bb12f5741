"""Spreadsheets, pages and files of columns to a clean CSV: the order to the child process, and its answer.

Only the child parses (see `child`). Here it is started, killed when it takes too long, and its end is put into words.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from workbench.errors import ChoiceNeeded, FileRefused
from workbench.exports import KINDS
from workbench.intake import compound, text
from workbench.intake.limits import Limits, passed
from workbench.intake.mappings import Mapping
from workbench.places import IMPORTED_FROM
from workbench.progress import Progress
from workbench.time import zones

DAY = 86_400  # seconds; many times as many are more than a system can wait
# Arrow's own allocator and the threads of numpy's reserve more memory than the limits allow.
QUIET = {"ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
DAMAGED = {
    "xlsx": "not an .xlsx that can be read",
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


def read_spreadsheet(
    source: Path, target: Path, form: str, kind: str | None, mappings: Iterable[Mapping], sheet: str | None, file: str,
    limits: Limits, progress: Progress,
) -> text.TextFile:  # fmt: skip
    """Write the table that holds a report to `target` and say what was found. `file` is how messages call the source.

    Raises FileRefused when it is damaged, passes a limit or holds no report; ChoiceNeeded when several sheets do;
    QueryStopped when it is cancelled, which ends the child at once.
    """
    order = {
        "source": str(source.resolve()), "target": str(target.resolve()), "file": file, "form": form, "sheet": sheet,
        "kinds": [kind] if kind else list(KINDS), "mappings": [asdict(mapping) for mapping in mappings],
        "header_search": text.HEADER_SEARCH,
        "years": [zones.FIRST_YEAR, zones.LAST_YEAR], "limits": asdict(limits),
    }  # fmt: skip
    found = _answer(order, file, limits, progress)
    if "option" in found:
        raise ChoiceNeeded(found["refused"], found["option"], found["options"])
    if "refused" in found:
        raise FileRefused(found["refused"])
    width = len(found["header"])
    ragged = (
        text.Ragged(row, f"{fields} fields where the header has {width}", json.dumps(record) if record else None)
        for row, fields, record in found["ragged"]
    )
    return text.TextFile(
        target, form, ",", tuple(found["header"]), found["records"], found["first_row"], has_rows=True,
        set_aside=tuple(ragged), warnings=tuple(found["warnings"]),
    )  # fmt: skip


def _answer(order: dict[str, Any], file: str, limits: Limits, progress: Progress) -> dict[str, Any]:
    command = [sys.executable, "-m", "workbench.intake.child"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = os.environ | QUIET
    with subprocess.Popen(command, **pipes, cwd=IMPORTED_FROM, env=environment, start_new_session=True) as child:  # type: ignore[call-overload]
        try:
            with progress.during("Reading", stop=partial(_kill, child)):
                answer, said = child.communicate(json.dumps(order).encode(), timeout=min(limits.seconds, DAY))
        except subprocess.TimeoutExpired:
            raise passed(file, "takes too long to read", limits, "seconds") from None
        finally:
            _kill(child)
    if child.returncode:
        raise _end(child.returncode, said.decode("utf-8", "replace"), order, limits)
    return json.loads(answer)  # type: ignore[no-any-return]


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started, if it has not ended by itself."""
    if child.poll() is not None:
        return
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL) if os.name == "posix" else child.kill()


def _end(returncode: int, said: str, order: dict[str, Any], limits: Limits) -> FileRefused:
    """Return the refusal for a child that ended without an answer."""
    file = order["file"]
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
    return FileRefused(f"{file}: {DAMAGED[order['form']]}, or damaged. Save it again, or export a CSV")
