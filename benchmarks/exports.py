"""The exports that are loaded: made once by the sample data's generator and kept in a cache folder."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.measure import ROOT, say
from sample_data import make_gladly
from workbench.exports.gladly import CONTACT_EXPORT

CACHE = Path("~/.cache/contact-workbench-bench")
DAYS, END, SEED = 365, date(2026, 11, 15), 1
MADE_BY = (
    *(ROOT / "sample_data" / f"{module}.py" for module in ("draws", "files", "make_gladly", "people")),
    ROOT / "workbench" / "exports" / "gladly.py",
)
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
    """Return exports of that many contacts, making them where the cache has none by today's generator."""
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in MADE_BY)).hexdigest()[:8]
    folder = cache / f"{contacts}-{digest}"
    if not folder.is_dir():
        for old in cache.glob(f"{contacts}-*"):
            shutil.rmtree(old)
        say(f"Making exports of {contacts:,} contacts (once)")
        making = cache / f"making-{os.getpid()}"
        making.mkdir(parents=True, exist_ok=True)
        make_gladly.write_all(making, contacts, DAYS, END, SEED)
        making.rename(folder)
    named = {file.name.split("-")[0]: file for file in folder.iterdir()}
    return Exports(contacts, named["ContactExport"], named["GladlyCustomerMerges.csv"], named["InboundContacts"])
