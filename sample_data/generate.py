"""Makes exports of invented contacts, in the vendors' own headers and value formats, of any size.

A seed gives the same bytes on every machine. Hence draws are whole numbers, distributions are tables of whole
numbers, and an ID is an MD5 or a sum. Rows are made and written in chunks, so memory stays bounded. The systems'
files tell of the same people: a customer's number and an agent's name mean the same in each.

    python sample_data/generate.py --contacts 5000 --days 90 --end 2026-11-15 --seed 1 --to FOLDER
"""

import argparse
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # The command above needs no installed package.

from sample_data import make_gladly, make_lexer, make_respondio

SYSTEMS = {"gladly": make_gladly.write_all, "respondio": make_respondio.write_all, "lexer": make_lexer.write_all}


def main() -> None:
    """Write the files that the command line asks for and print their paths."""
    parser = argparse.ArgumentParser(description="Make exports of invented contacts.")
    parser.add_argument("--contacts", type=int, default=5_000, help="Gladly's; the other systems have fewer rows")
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--end", type=date.fromisoformat, default=date(2026, 11, 15), help="the last day")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--system", choices=SYSTEMS, action="append", help="only this one; may be repeated")
    parser.add_argument("--second-currency", metavar="CODE", help="of the orders of some of Lexer's customers")
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    chosen = parser.parse_args()
    chosen.to.mkdir(parents=True, exist_ok=True)
    size = chosen.contacts, chosen.days, chosen.end, chosen.seed
    for system in chosen.system or SYSTEMS:
        more = {"second_currency": chosen.second_currency} if system == "lexer" else {}
        for path in SYSTEMS[system](chosen.to, *size, **more):
            print(path)


if __name__ == "__main__":
    main()
