"""Makes a CSV or Parquet file of rows, in a process of its own that can be killed: `python -m workbench.workbook.plain
PLAN TARGET`. Prints how much is done, 0 to 1, a line each, and at last how many of its texts got an apostrophe."""

import csv
import pickle
import re
import sys
from mmap import ACCESS_READ, mmap
from pathlib import Path

import pyarrow
import pyarrow.csv
from pyarrow import parquet

from workbench.intake import signature
from workbench.sql import identifier, literal
from workbench.workbook.plan import FORMULA, Plain
from workbench.workbook.rows import Rows

UTF8 = b"\xef\xbb\xbf"  # without which Excel reads UTF-8 as something else
MEMORY = "500MB"  # of very wide logs some rows take as much
APOSTROPHE = re.compile(f'(?<!")"\'{signature.RUN}'.encode())  # in a file; within a text, its quote would be doubled


def main(plan: str, target: str) -> None:
    """Write the file of a plan that this program has just written itself."""
    with Path(plan).open("rb") as file:
        planned: Plain = pickle.load(file)
    written = Path(plan).with_name("written")
    if not isinstance(planned.rows, Path):
        _write_table(planned, written)
    elif planned.format == "parquet":
        _mark(planned, planned.rows, written)
    else:
        _write_log(planned, planned.rows, written)
    print(_prefixed(written) if planned.format == "csv" else 0, flush=True)
    written.replace(target)


def _mark(planned: Plain, file: Path, target: Path) -> None:
    """Copy a Parquet file with what is to stand beside its rows."""
    rows = parquet.ParquetFile(file)
    with parquet.ParquetWriter(target, rows.schema_arrow.with_metadata(planned.marks)) as out:
        for number in range(rows.num_row_groups):
            out.write_table(rows.read_row_group(number))
            _say(number + 1, rows.num_row_groups)


def _write_log(planned: Plain, file: Path, target: Path) -> None:
    """Write a log with all of its values in quotes, as the database writes them."""
    rows, is_safe, done = Rows(file.parent, MEMORY), planned.format == "csv", 0
    picked = ", ".join(_text(name, type_, is_safe) for name, type_ in rows.types(file).items())
    found = rows.batches(f"select {picked} from read_parquet({literal(file)})")
    whole, quoted = parquet.read_metadata(file).num_rows, pyarrow.csv.WriteOptions(quoting_style="all_valid")
    with target.open("wb") as out:
        out.write(UTF8 if is_safe else b"")
        with pyarrow.csv.CSVWriter(out, found.schema, write_options=quoted) as writer:
            for batch in found:
                writer.write_batch(batch)
                done += batch.num_rows
                _say(done, whole)


def _text(name: str, type_: str, is_safe: bool) -> str:
    """Return SQL for a column as text; a safe one is as `safe` makes it."""
    quoted = identifier(name)
    if is_safe and type_ == "VARCHAR":
        text = f"case when regexp_matches({quoted}, '{FORMULA}') then chr(39) || {quoted} else {quoted} end"
    else:
        text = f"{quoted}::varchar"
    return f"{text} as {identifier(safe(name) if is_safe else name)}"


def safe(text: str) -> str:
    """Return a text with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if re.match(FORMULA, text) else text


def _write_table(planned: Plain, target: Path) -> None:
    """Write a tile's rows as they are shown, the comparison's columns included."""
    import pandas as pd  # which takes longer to import than most logs take to write

    rows, is_safe = planned.rows, planned.format == "csv"
    assert isinstance(rows, pd.DataFrame)
    if planned.format == "parquet":
        table = pyarrow.Table.from_pandas(rows)
        parquet.write_table(table.replace_schema_metadata({**table.schema.metadata, **planned.marks}), target)
        return
    if is_safe:
        texts = rows.select_dtypes(["object", "string"]).columns
        rows = rows.assign(**{name: rows[name].map(safe, na_action="ignore") for name in texts})
        rows.columns = [safe(name) for name in rows.columns]
    encoding = "utf-8-sig" if is_safe else "utf-8"
    rows.to_csv(target, index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n", encoding=encoding)


def _prefixed(path: Path) -> int:
    """Return how many texts of a CSV stand behind an apostrophe that keeps a spreadsheet from running them."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return sum(1 for _ in APOSTROPHE.finditer(content))


def _say(done: int, of: int) -> None:
    print(f"{done / of:.4f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
