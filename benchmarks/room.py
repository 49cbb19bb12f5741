"""How much disk and memory a large run may take: asked before every step, so that it ends with a sentence in time."""

import shutil
from pathlib import Path

import psutil

MOST_DISK = 60e9  # bytes that the cache folder takes at most
LEFT_FREE = 2e9  # of disk and of memory


class NoRoom(Exception):
    """There is too little disk or memory for what is next."""


def check_disk(cache: Path, needed: float, doing: str) -> None:
    """Raise NoRoom where so many bytes more are not free, or would be too many in the cache folder."""
    taken = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file())
    _check(needed, min(shutil.disk_usage(cache).free - LEFT_FREE, MOST_DISK - taken), f"{doing} needs", "disk")


def check_memory(needed: float, doing: str) -> None:
    """Raise NoRoom where so many bytes are not free."""
    _check(needed, psutil.virtual_memory().available - LEFT_FREE, f"{doing} needs", "memory")


def _check(needed: float, free: float, doing: str, what: str) -> None:
    if free < needed:
        raise NoRoom(f"{doing} {needed / 1e9:.1f} GB of {what}, of which {max(free, 0) / 1e9:.1f} may be taken")
