"""The record of who did what with a workspace (guarantee 25): lines are added to it, and each one proves those before.

It stands beside the workspace, outside of its backups, and holds no value of any row: names of acts, numbers, hashes.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BufferedRandom
from pathlib import Path
from typing import Any

from workbench.errors import Unrecorded, reason
from workbench.store.paths import audit_of
from workbench.team import Person

BEGIN = "0" * 64  # what the first line of all follows
CUT = "cut"  # the act that is recorded where lines were removed for their age
_BLOCK = 4096  # bytes that are read at once from the end


def record(path: Path, actor: Person, act: str, **facts: object) -> None:
    """Add a line: who did what, with facts that are no values. Raises Unrecorded.

    A line older than the person's team keeps them lets all of that age go first.
    """
    try:
        with _alone(audit_of(path)) as file:
            _cut(audit_of(path), file, timedelta(days=actor.audit_days))
        with _alone(audit_of(path)) as file:
            line = _line(_last_hash(file), actor.name, act, facts)
            file.seek(0, os.SEEK_END)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise Unrecorded(f"{audit_of(path)}: what is done cannot be recorded ({reason(error)})") from None


def lines(path: Path) -> list[dict[str, Any]]:
    """Return what is recorded, the oldest first. Raises Unrecorded where it cannot be read."""
    return [line for _, line in _read(audit_of(path)) if "start" not in line]


def verify(path: Path) -> tuple[int, str]:
    """Return how many lines there are and the hash of the last one. Raises Unrecorded, with the line that was changed.

    Whoever notes the two can tell later whether lines at the end are missing, which the record itself cannot.
    """
    expected, start, number = BEGIN, "", 0
    cuts = []
    for place, line in _read(audit_of(path)):
        if place == 1 and "start" in line:
            expected = start = str(line["start"])
            continue
        said = str(line.pop("hash", ""))
        if line.get("previous") != expected or said != _hash(line):
            raise Unrecorded(f"{audit_of(path)}: the record was changed. Line {place} does not follow from the last")
        if line.get("act") == CUT:
            cuts.append(line["facts"].get("start"))
        expected, number = said, number + 1
    if start and start not in cuts[-1:]:
        raise Unrecorded(f"{audit_of(path)}: the record was changed. Lines at its beginning are missing")
    return number, expected


def _hash(line: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(line, sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield every line with its number, from 1."""
    if not path.exists():
        return
    place = 0
    try:
        with path.open(encoding="utf-8") as file:
            for place, text in enumerate(file, start=1):
                yield place, dict(json.loads(text))
    except (ValueError, TypeError):
        raise Unrecorded(f"{path}: the record was changed. Line {place} is none of it") from None
    except OSError as error:
        raise Unrecorded(f"{path}: cannot be read ({reason(error)})") from None


@contextmanager
def _alone(path: Path) -> Iterator[BufferedRandom]:
    """Give the file, while nobody else has it: another process may have put a shorter one in its place meanwhile."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            _lock(handle)
            if os.name == "nt" or os.fstat(handle).st_ino == path.stat().st_ino:
                yield file
                return


def _lock(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    fcntl.flock(handle, fcntl.LOCK_EX)


def _line(previous: str, who: str, act: str, facts: Mapping[str, object]) -> bytes:
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = {"at": at, "who": who, "act": act, "facts": dict(facts), "previous": previous}
    return json.dumps(line | {"hash": _hash(line)}).encode() + b"\n"


def _last_hash(file: BufferedRandom) -> str:
    """Return the hash of the last line; one that was written half is taken for a change by whoever verifies."""
    end, tail = file.seek(0, os.SEEK_END), b""
    while end and tail.count(b"\n") < 2:
        size = min(_BLOCK, end)
        end = file.seek(end - size)
        tail = file.read(size) + tail
        file.seek(end)
    last = _parsed(tail.splitlines()[-1]) if tail else {}
    return str(last.get("hash", last.get("start", BEGIN)))


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError):
        return {}


def _cut(path: Path, file: BufferedRandom, kept: timedelta) -> None:
    """Put a record without the lines that are older in the place of it: the hash of the last of them is its start.

    That it was cut is its last line, so that nobody can remove lines from its beginning in this way unseen.
    """
    oldest = (datetime.now(UTC) - kept).isoformat(timespec="milliseconds")
    file.seek(0)
    first = [_parsed(file.readline()) for _ in range(2)]  # the one before all others may be the start
    if not any("at" in line and line["at"] < oldest for line in first):
        return
    file.seek(0)
    texts = file.readlines()
    old = [place for place, text in enumerate(texts) if "9" > _parsed(text).get("at", "9") < oldest]
    start, left = _parsed(texts[old[-1]])["hash"], texts[old[-1] + 1 :]
    last = _parsed(left[-1])["hash"] if left else start
    cut = _line(last, "system", CUT, {"removed": len(old), "start": start})
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    beside.write_bytes(b"".join([json.dumps({"start": start}).encode() + b"\n", *left, cut]))
    beside.chmod(0o600)
    beside.replace(path)
