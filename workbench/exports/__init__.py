"""What each kind of export looks like. Declarations only, one module per vendor; this table is all of them.

A new kind is one declaration in its vendor's KINDS; a new vendor is one module named in VENDORS.
"""

from workbench.exports import gladly, lexer, respondio
from workbench.exports.model import THEMES, Column, ExportKind

VENDORS = (gladly, respondio, lexer)

KINDS: dict[str, ExportKind] = {kind.name: kind for vendor in VENDORS for kind in vendor.KINDS}

__all__ = ["KINDS", "THEMES", "VENDORS", "Column", "ExportKind"]
