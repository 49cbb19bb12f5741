"""The exports that are loaded: made once by the sample data's generator and kept in a cache folder."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.measure import ROOT, say
from sample_data import make_gladly
from workbench.exports.gladly import CONTACT_EXPORT

CACHE = Path("~/.cache/contact-workbench-bench")
DAYS, END, SEED = 365, date(2026, 11, 15), 1
TIMES = [column.headers[0] for column in CONTACT_EXPORT.columns if column.type == "timestamp"]


@dataclass(frozen=True)
class Exports:
    """A year of contacts, with customer merges and the vendor's own daily counts of the last 30 days."""

    contacts: int
    contact_export: Path
    merges: Path
    inbound: Path


def header(name: str) -> str:
    """Return what a column of the Contact Export is called in the file."""
    return CONTACT_EXPORT.column(name).headers[0]


def exports(contacts: int, cache: Path) -> Exports:
    """Return Gladly's exports of that many contacts."""

    def make(folder: Path) -> None:
        say(f"Making exports of {contacts:,} contacts (once)")
        make_gladly.write_all(folder, contacts, DAYS, END, SEED)

    folder = kept(cache, str(contacts), made_by("gladly"), make)
    named = {file.name.split("-")[0]: file for file in folder.iterdir()}
    return Exports(contacts, named["ContactExport"], named["GladlyCustomerMerges.csv"], named["InboundContacts"])


def made_by(system: str) -> list[Path]:
    """Return the sources of the generator of a system's exports."""
    made = [ROOT / "sample_data" / f"{module}.py" for module in ("draws", "files", f"make_{system}", "people")]
    return [*made, ROOT / "workbench" / "exports" / f"{system}.py"]


def kept(cache: Path, name: str, sources: Sequence[Path], make: Callable[[Path], None]) -> Path:
    """Return a folder of the cache, filled by `make` where there is none yet that today's sources have made."""
    folder = cache / f"{name}-{digest(sources)}"
    if not folder.is_dir():
        for old in cache.glob(f"{name}-{'?' * 8}"):
            shutil.rmtree(old)
        making = Path(tempfile.mkdtemp(dir=cache, prefix="making-"))
        make(making)
        making.rename(folder)
    return folder


def digest(sources: Sequence[Path]) -> str:
    """Return eight digits that change with any of the sources."""
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]
