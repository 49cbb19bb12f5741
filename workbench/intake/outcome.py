"""What became of one file: the record of a load, as people, the command line and the workspace keep it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, cast

from workbench.intake.meanings import Remark, explained

JOINED = ", "  # between the names of several kinds in one file


@dataclass(frozen=True)
class LoadOutcome:
    """What became of one file; the fields are those that `load --json` prints."""

    file: str
    kind: str | None
    load_id: int | None
    rows_read: int = 0
    rows_loaded: int = 0
    rows_updated: int = 0
    rows_unchanged: int = 0
    rows_rejected: int = 0
    rejects: tuple[dict[str, Any], ...] = ()
    period_from: date | None = None
    period_to: date | None = None
    timezone: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def remarks(self) -> list[Remark]:
        """Each warning with what it means for the numbers, those that leave a number in doubt first."""
        return explained(self.warnings)

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as JSON values; dates are ISO 8601."""
        return cast(dict[str, Any], json.loads(json.dumps(asdict(self), default=str)))

    @staticmethod
    def from_json(found: Mapping[str, Any]) -> "LoadOutcome":
        """Return the outcome that holds what `as_json` returns; what else there is of a load is left out."""
        days = {name: found[name] and date.fromisoformat(found[name]) for name in ("period_from", "period_to")}
        lists = {name: tuple(found[name]) for name in ("rejects", "warnings")}
        return LoadOutcome(**{own.name: found[own.name] for own in fields(LoadOutcome)} | days | lists)


def holds(load: Mapping[str, Any], kinds: Iterable[str]) -> bool:
    """Tell whether a load is of one of the kinds; older logs with an Activity column hold several."""
    return not set(kinds).isdisjoint(kinds_of(load))


def kinds_of(load: Mapping[str, Any]) -> list[str]:
    """Return the names of the kinds that a load is of."""
    return str(load["kind"]).split(JOINED)
