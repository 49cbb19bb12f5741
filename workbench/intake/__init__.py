"""Bytes to rows: container, encoding, dialect and header are found, values converted, misfits set aside, rows settled.

text, spreadsheet   any file --> a clean CSV            headers   which kind it is, which column is which
reading             how the file is to be read          convert   text to typed values
loader              rows into their table, settled      load      all of it, with its record, in one transaction
"""

from workbench.intake.reading import Choices

__all__ = ["Choices"]
