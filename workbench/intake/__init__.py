"""Bytes to rows, in a straight line: every step takes what the one before it gives.

choices         what the user says of a file         limits          how large all of it may be
unwrapping      a path becomes a TextFile, a clean CSV: containers and zips say which file is inside, text (by
                encoding with codepages, dialect, totals) or spreadsheet writes it; the latter has a process of its own
                parse what bites:
                child, with package, binary and copying, scan, compound, biff (the checks, which note number_formats and
                oddities: what a sheet holds beside its values), opendocument, page, parquet, tables, cells
understanding   a TextFile becomes a Reading: headers and mappings tell its kind, ours (with signature) whether this
                program wrote it itself, rollups what a row covers, convert by which door text becomes values (figures,
                moments; seen: what looks equal is equal); source is all of that as SQL
settling        a Reading becomes what was Inserted: rows into the tables of schema, with the numbers of equal events;
                absent sees to stored values in columns that the file lacks
load            all of it in one transaction, down to the LoadOutcome: merges, remarks, recording

A file that was loaded before, with nothing changed since, takes none of these steps: repeats answers for the whole.

Beside the line: looking (what a file is, before it is loaded), folders (which files may be picked), guesses (of an
unknown header), history (taking loads back), meanings (what a load's warnings mean for the numbers).
"""
