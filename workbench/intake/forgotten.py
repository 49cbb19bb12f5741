"""Customers who were forgotten: known again by keyed hashes, so that no later file brings back a row of theirs."""

from dataclasses import dataclass

from workbench.exports import ExportKind
from workbench.sql import literal

REASON = "of a customer who was forgotten"
# An ID as files have it that no column has cleaned: among blanks, kept off a spreadsheet, or made a decimal by one.
DRESSED, BARE = r"""(?s)^[\s\pZ]*(?:="(.*?)"|'(.*?)|(\d+)\.0|(.*?))[\s\pZ]*$""", r"\1\2\3\4"


def hashed(key: str, value: str) -> str:
    """Return SQL for the keyed hash of a text, the same wherever the text stands."""
    return f"sha256({literal(key)} || trim({value}))"


def ids_of(kind: ExportKind) -> list[str]:
    """Return the columns of a kind that hold a customer's ID; where it knows no customers, a contact is one."""
    found = [column.name for column in kind.columns if column.is_personal and column.type == "id"]
    return [name for name in found if "customer" in name] or [name for name in found if name == "contact_id"]


@dataclass(frozen=True)
class Forgotten:
    """The hashes of customers who were forgotten, under the key of the workspace."""

    key: str = ""
    hashes: tuple[str, ...] = ()

    def is_of(self, value: str) -> str:
        """Return SQL that is true of a text that is the ID of one of them."""
        return f"coalesce({hashed(self.key, value)} in ({', '.join(map(literal, self.hashes))}), false)"

    def is_among(self, fields: str) -> str:
        """Return SQL that is true of a list of texts one of which is the ID of one of them, in whatever column."""
        if not self.hashes:
            return "false"
        is_one = f"{self.is_of('one')} or {self.is_of(f'regexp_replace(one, {literal(DRESSED)}, {literal(BARE)})')}"
        return f"coalesce(len(list_filter({fields}, lambda one: {is_one})) > 0, false)"


NOBODY = Forgotten()
