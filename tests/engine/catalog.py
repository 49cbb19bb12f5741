"""A catalog of Apache Iceberg in a file of SQLite, with its tables in a folder: all that its tests need."""

import itertools
import os
from pathlib import Path

import pytest
from pyiceberg import catalog as library
from pyiceberg.utils.config import Config

_numbers = itertools.count(1)


def catalog(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a catalog whose tables lie in `lake` of a folder; return the address of a schema in it."""
    name = f"tests{next(_numbers)}of{os.getpid()}"  # a process opens each of a name once
    (folder / "lake").mkdir()
    monkeypatch.setenv(f"PYICEBERG_CATALOG__{name.upper()}__URI", f"sqlite:///{folder / 'catalog.db'}")
    monkeypatch.setenv(f"PYICEBERG_CATALOG__{name.upper()}__WAREHOUSE", (folder / "lake").as_uri())
    monkeypatch.setattr(library, "_ENV_CONFIG", Config())  # it was read when the first test imported it
    return f"iceberg:{name}.desk"
