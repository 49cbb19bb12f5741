"""The record of who did what with a workspace (guarantee 25): lines are added to it, and each one proves those before.

It stands beside the workspace, outside of its backups, and holds no value of any row: names of acts, numbers, hashes.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import BufferedRandom
from pathlib import Path
from typing import Any

from workbench.errors import Unrecorded, reason
from workbench.store.paths import audit_of
from workbench.team import Person

BEGIN = "0" * 64  # what the first line of all follows
CUT = "cut"  # the act that is recorded where lines were removed for their age
ROOM = 1 << 16  # bytes that are free on the disk for what is done to be recorded
_BLOCK = 4096  # bytes that are read at once from the end, at first
_KEYS = ("at", "who", "act", "facts", "previous", "hash")  # of a line, as they stand in it


def record(path: Path, actor: Person, act: str, **facts: object) -> None:
    """Add a line: who did what, with facts that are no values. Raises Unrecorded.

    A line older than the person's team keeps them lets all of that age go first.
    """
    try:
        with _alone(audit_of(path)) as file:
            _cut(audit_of(path), file, timedelta(days=actor.audit_days))
        with _alone(audit_of(path)) as file:
            _append(file, _line(_last_hash(file), actor.name, act, facts))
    except OSError as error:
        raise _unrecorded(path, error) from None


def check(path: Path) -> None:
    """Raise Unrecorded where a line could not be added, before anything is done that needs one."""
    try:
        with _alone(audit_of(path)):
            if shutil.disk_usage(path.parent).free < ROOM:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        raise _unrecorded(path, error, ". Nothing was changed") from None


def _unrecorded(path: Path, error: OSError, then: str = "") -> Unrecorded:
    return Unrecorded(f"{audit_of(path)}: what is done cannot be recorded ({reason(error)}){then}")


def _append(file: BufferedRandom, line: bytes) -> None:
    """Write a whole line or, where there is no room for it, nothing of it; a half line of a killed process stays."""
    handle, end = file.fileno(), file.seek(0, os.SEEK_END)
    begun = bool(end) and _read_at(file, end - 1, 1) != b"\n"
    left = b"\n" * begun + line
    file.seek(0, os.SEEK_END)
    try:
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    except OSError:
        with suppress(OSError):
            os.ftruncate(handle, end)
        raise


def lines(path: Path) -> list[dict[str, Any]]:
    """Return what is recorded, the oldest first, but for lines that cannot be read, which `verify` names.

    Raises Unrecorded where nothing can be.
    """
    return [line for _, _, line in _read(audit_of(path)) if _is_whole(line)]


def verify(path: Path) -> tuple[int, str]:
    """Return how many lines there are and the hash of the last one. Raises Unrecorded, with the line that was changed.

    Whoever notes the two can tell later whether lines at the end are missing, which the record itself cannot.
    """
    expected, start, number = BEGIN, "", 0
    cuts = []
    for place, text, line in _read(audit_of(path)):
        if place == 1 and text == _start(str(line.get("start"))):
            expected = start = str(line["start"])
            continue
        if not _is_whole(line) or text.removesuffix(b"\n") != _bytes(line):
            raise Unrecorded(f"{audit_of(path)}: the record was changed. Line {place} is none of it")
        if line["previous"] != expected or line["hash"] != _hash(line):
            raise Unrecorded(f"{audit_of(path)}: the record was changed. Line {place} does not follow from the last")
        if line["act"] == CUT:
            cuts.append(line["facts"].get("start"))
        expected, number = line["hash"], number + 1
    if start and start not in cuts[-1:]:
        raise Unrecorded(f"{audit_of(path)}: the record was changed. Lines at its beginning are missing")
    return number, expected


def _hash(line: Mapping[str, Any]) -> str:
    said = {key: value for key, value in line.items() if key != "hash"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _bytes(line: Mapping[str, Any]) -> bytes:
    """Return a line as it is written: a hash is of what it says, which other bytes can say too."""
    return json.dumps({key: line[key] for key in _KEYS}).encode()


def _start(previous: str) -> bytes:
    """Return the first line of a record that was cut: what its next line follows."""
    return json.dumps({"start": previous}).encode() + b"\n"


def _is_whole(line: Mapping[str, Any]) -> bool:
    said = {key: line.get(key) for key in _KEYS}
    return isinstance(said.pop("facts"), dict) and all(isinstance(text, str) for text in said.values())


def _read(path: Path) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    """Yield every line with its number, from 1, and what it says, {} for one that cannot be read."""
    if not path.exists():
        return
    try:
        with path.open("rb") as file:
            for place, text in enumerate(file, start=1):
                yield place, text, _parsed(text)
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
    """Return the hash of the last line that can be read; whoever verifies meets the others."""
    end, tail = file.seek(0, os.SEEK_END), b""
    while end:
        size = min(max(_BLOCK, len(tail)), end)
        end -= size
        tail = _read_at(file, end, size) + tail
        for text in reversed(tail.split(b"\n")[bool(end) :]):  # of the first of them there may be more before it
            line = _parsed(text)
            if isinstance(said := line.get("hash", line.get("start")), str):
                return said
    return BEGIN


def _read_at(file: BufferedRandom, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return {}


def _cut(path: Path, file: BufferedRandom, kept: timedelta) -> None:
    """Put a record in its place without the lines it begins with that are older: the hash of their last is its start.

    That it was cut is its last line, so that nobody can remove lines from its beginning in this way unseen.
    """
    number, start = _old(file, datetime.now(UTC), kept)
    if not number:
        return
    file.seek(0)
    texts = file.readlines()
    removed = number - (_parsed(texts[0]).keys() == {"start"})
    last = _last_hash(file) if texts[number:] else start
    left = b"".join(texts[number:])
    half = b"" if not left or left.endswith(b"\n") else b"\n"
    cut = _line(last, "system", CUT, {"removed": removed, "start": start})
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        beside.write_bytes(_start(start) + left + half + cut)
        beside.chmod(0o600)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _old(file: BufferedRandom, now: datetime, kept: timedelta) -> tuple[int, str]:
    """Return how many lines a record begins with until the last that is too old, and that one's hash.

    It ends before the first that is not: a clock may have been wrong for a while. One without a time goes with those
    around it, and so does one of a time to come.
    """
    oldest, latest = ((now - age).isoformat(timespec="milliseconds") for age in (kept, timedelta()))
    number, start = 0, ""
    file.seek(0)
    for place, text in enumerate(file, start=1):
        line = _parsed(text)
        at = line.get("at")
        if isinstance(at, str) and oldest <= at <= latest:
            break
        if isinstance(at, str) and at < oldest and isinstance(line.get("hash"), str):
            number, start = place, line["hash"]
    return number, start
