"""Bytes to rows, in a straight line: every step takes what the one before it gives.

choices         what the user says of a file         limits          how large all of it may be
unwrapping      a path becomes a TextFile, a clean CSV: containers and zips say which file is inside, text (by encoding,
                dialect, totals) or spreadsheet writes it; the latter has a process of its own parse what bites:
                child, with package, scan, compound (the check), tables, cells, page, parquet
understanding   a TextFile becomes a Reading: headers and mappings tell its kind, rollups what a row covers, convert by
                which door text becomes values (figures, moments; seen: what looks equal is equal); source is all of it
                as SQL
settling        a Reading becomes what was Inserted: rows into the tables of schema, with the numbers of equal events
load            all of it in one transaction, down to the LoadOutcome: merges, remarks, recording

Beside the line: folders (which files may be picked), guesses (of an unknown header), history (taking loads back).
"""
