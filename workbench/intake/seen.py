"""What the eye does not tell apart is one text: characters that cannot be seen go, spaces of any width are blanks, NFC.

Most files hold nothing of the kind, so their characters are looked at once, where their bytes are read.
"""

import unicodedata
from collections.abc import Iterable

from workbench.sql import literal

# A byte-order mark and marks of direction. The joiners U+200C and U+200D change what is seen, so they stay.
INVISIBLE = "\ufeff\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BLANKS = "\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
UNMARKED = str.maketrans(dict.fromkeys(INVISIBLE))
_VARIANTS = range(0xFE00, 0xFE10)  # they choose how an emoji looks, and compose with nothing
_JAMO = range(0x1100, 0x1200)  # the letters that Korean syllables are composed of


def is_odd(characters: Iterable[str]) -> bool:
    """Tell whether a text of these characters may look like another one."""
    return any(map(_is_odd, characters))


def _is_odd(character: str) -> bool:
    code = ord(character)
    return (
        character in INVISIBLE
        or character in BLANKS
        or code in _JAMO
        or (unicodedata.category(character).startswith("M") and code not in _VARIANTS)
        or not unicodedata.is_normalized("NFC", character)
    )


def unmarked(raw: str) -> str:
    """Return SQL for a text without the characters that cannot be seen, with blanks for those of other widths."""
    return f"translate({raw}, {literal(BLANKS + INVISIBLE)}, '{' ' * len(BLANKS)}')"


def as_seen(raw: str, missing: str) -> str:
    """Return SQL for a text as the eye tells it from others, NULL for one of the form `missing`."""
    text = f"nfc_normalize({unmarked(raw)})"
    odd = f"case when not regexp_full_match({text}, {literal(missing)}) then {text} end"
    return f"case when strlen({raw}) = length({raw}) then {raw} else {odd} end"
