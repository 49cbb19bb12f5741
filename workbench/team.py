"""Who is there and what they may do: one local person who may everything, or the persons of a team by `team.toml`.

Only here is that file read, and only here stands what a role can allow. The core asks `actor.may` before every act.
"""

import getpass
import math
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeGuard

from workbench.errors import NotPermitted, TeamUnusable, UnknownName, one_line, reason, shortened
from workbench.reports import REPORTS

TEAM_VARIABLE = "WORKBENCH_TEAM"
# What a role can allow, and how a refusal says it.
ACTS = {
    "load": "load files or take them back",
    "export": "export",
    "views": "save or change views and recipes",
    "settings": "change settings, targets, notes or calendars",
    "restore": "back up or restore",
    "clear": "start afresh",
    "folders": "load from folders of the server",
    "publish": "publish",
    "forget": "forget a customer",
    "clear_view": "see who customers are",
    "sql": "write SQL",
    "audit": "read the record of what was done",
}
SYSTEM = "system:"  # before the name of who works on the server's command line; nobody who signs in has such a name
SKEW = 60  # seconds by which two clocks may differ
DAYS = 730  # for which the record of what was done is kept
UPLOAD_MEGABYTES, JOBS = 2_000, 3  # that a person of a team may upload within a day, and have under way at once


@dataclass(frozen=True)
class Person:
    """Whoever works with a workspace: a name, groups, the acts that are allowed, and the reports that are not seen.

    `is_recorded` where what they do is kept in the audit, `audit_days` long. Without the act clear_view they see
    customers masked, and with `masks_staff` agents too. An administrator sees every person's views. What may be
    uploaded within a day and be under way at once is limited, unless it is 0.
    """

    name: str
    groups: frozenset[str] = frozenset()
    acts: frozenset[str] = frozenset(ACTS)
    hidden: frozenset[str] = frozenset()
    masks_staff: bool = False
    is_recorded: bool = True
    audit_days: int = DAYS
    is_administrator: bool = False
    upload_megabytes: int = 0
    jobs: int = 0

    def may(self, act: str) -> bool:
        """Tell whether an act is allowed. Raises UnknownName for one that there is not."""
        if act not in ACTS:
            raise UnknownName("act", act, ACTS)
        return act in self.acts

    def check(self, act: str) -> None:
        """Raise NotPermitted for an act that is not allowed."""
        if not self.may(act):
            raise NotPermitted(f"You may not {ACTS[act]} here. Ask whoever runs this server for the right '{act}'")

    def sees(self, report: str) -> bool:
        """Tell whether a report is shown to the person."""
        return report not in self.hidden

    def sees_kind(self, kind: str) -> bool:
        """Tell whether rows of a kind are shown to the person: a report that rests on them is, or none does."""
        resting = [
            name for name, report in REPORTS.items() if kind in {*report.kinds, *report.main.renamed(as_exported=False)}
        ]
        return not resting or any(map(self.sees, resting))

    @property
    def is_masked(self) -> bool:
        """Whether customers are masked for the person."""
        return not self.may("clear_view")


LOCAL = Person("local", is_recorded=False, is_administrator=True)


@dataclass(frozen=True)
class Place:
    """A workspace of the team: the name and path of it, and the groups that work in it."""

    name: str
    path: Path
    groups: frozenset[str]


@dataclass(frozen=True)
class Role:
    """What the persons of some groups may do."""

    groups: frozenset[str]
    acts: frozenset[str]


@dataclass(frozen=True)
class Team:
    """What `team.toml` says. `members` are groups of persons whose sign-in names none.

    Loads whose last day lies more than `load_days` back are taken out when a workspace is opened; 0 keeps them all.
    """

    places: tuple[Place, ...]
    roles: tuple[Role, ...]
    restricted: tuple[tuple[frozenset[str], frozenset[str]], ...] = ()  # reports, and the groups that see them
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    name_claim: str = "email"
    groups_claim: str = "groups"
    masks_staff: bool = False
    audit_days: int = DAYS
    idle_minutes: int = 30
    upload_megabytes: int = UPLOAD_MEGABYTES
    jobs: int = JOBS
    load_days: int = 0

    def person(self, name: str, groups: Iterable[str] = ()) -> Person:
        """Return a person by the name and the groups that a sign-in says."""
        listed = {group for group, names in self.members.items() if name.casefold() in names}
        own = frozenset(groups) | listed
        acts = frozenset(act for role in self.roles if role.groups & own for act in role.acts)
        hidden = frozenset(report for reports, seen_by in self.restricted if not seen_by & own for report in reports)
        return Person(
            name, own, acts, hidden, self.masks_staff, audit_days=self.audit_days,
            upload_megabytes=self.upload_megabytes, jobs=self.jobs,
        )  # fmt: skip

    def signed_in(self, claims: Mapping[str, object], now: float, has_end: bool = True) -> Person:
        """Return the person of a sign-in at a time (seconds since 1970); one by a proxy's headers has no end.

        Raises NotPermitted for one that has ended, begins later, or does not say whose it is.
        """
        name, groups = claims.get(self.name_claim), claims.get(self.groups_claim, ())
        is_verified = claims.get("email_verified", True) in (True, "true")
        if not isinstance(name, str) or not name.strip() or name.strip().startswith(SYSTEM) or not is_verified:
            raise NotPermitted("This sign-in does not say who you are. Ask whoever runs this server")
        if has_end:
            end, begin = claims.get("exp"), claims.get("iat", 0)
            if not (_is_moment(end) and _is_moment(begin) and end + SKEW >= now):
                raise NotPermitted("Your sign-in has ended. Sign in again")
            if begin - SKEW > now:
                raise NotPermitted("Your sign-in begins later than now: a clock is wrong. Ask whoever runs this server")
        if isinstance(groups, str):  # as a proxy's header says them
            groups = [group.strip() for group in groups.split(",")]
        listed = [group for group in groups if isinstance(group, str)] if isinstance(groups, list | tuple) else []
        return self.person(name.strip(), listed)

    def places_of(self, person: Person) -> tuple[Place, ...]:
        """Return the workspaces of a person's groups, none for one who has no business here."""
        return tuple(place for place in self.places if place.groups & person.groups)

    def place_of(self, person: Person, name: str = "") -> Place:
        """Return a workspace of a person's by its name, or the first one. Raises NotPermitted for any other.

        One that is another group's and one that does not exist are refused in the same words.
        """
        found = self.places_of(person)
        if not found:
            raise NotPermitted("You are signed in, but in no group of this server. Ask whoever runs it")
        for place in found:
            if name in ("", place.name):
                return place
        raise NotPermitted("There is no such workspace for you here. Choose one of yours")


def _is_moment(said: object) -> TypeGuard[float]:
    return isinstance(said, int | float) and math.isfinite(said)


def named() -> Team | None:
    """Return the team of the file that the environment names, None without one. Raises TeamUnusable."""
    path = os.environ.get(TEAM_VARIABLE)
    return read(Path(path)) if path else None


def here() -> Person:
    """Return who works on the command line or in a notebook: the local person; of a server, its administrator."""
    team = named()
    if team is None:
        return LOCAL
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # of a container, in which the number has no name
        user = str(os.getuid())
    return Person(f"{SYSTEM}{user}", audit_days=team.audit_days, is_administrator=True)


@lru_cache(maxsize=8)
def read(path: Path) -> Team:
    """Read and check a team's file, once. Raises TeamUnusable, in one line with the place of what is wrong."""
    try:
        file = path.expanduser()
        return _of_text(file.read_bytes().decode("utf-8-sig"), file.resolve().parent)
    except tomllib.TOMLDecodeError as error:
        raise TeamUnusable(f"{path}: {_sentence(error)}") from None
    except UnicodeDecodeError:
        raise TeamUnusable(f"{path}: is no UTF-8 text") from None
    except _Wrong as error:
        raise TeamUnusable(f"{path}: {error}") from None
    except (OSError, ValueError, RuntimeError) as error:  # the last for the home of a user that there is not
        raise TeamUnusable(f"{shortened(path)}: cannot be read ({reason(error)}). Change {TEAM_VARIABLE}") from None


def _of_text(text: str, folder: Path) -> Team:
    """Return what a text says, with the line of what Python refuses without saying where."""
    try:
        return _team(tomllib.loads(text), folder)
    except (tomllib.TOMLDecodeError, _Wrong):
        raise
    except RecursionError:
        raise _Wrong(f"line {_deepest(text)}", "is nested too deeply") from None
    except ValueError:
        longest = [max(map(len, re.findall(r"[\d_]+", line)), default=0) for line in text.splitlines()]
        raise _Wrong(f"line {longest.index(max(longest)) + 1}", "has a number of too many digits") from None


def _deepest(text: str) -> int:
    """Return the number of the line in which most is open, or that has the key of most parts."""
    depth, depths = 0, []
    for line in text.splitlines():
        opened = line.count("[") + line.count("{")
        depths.append(depth + max(opened, line.count(".")))
        depth += opened - line.count("]") - line.count("}")
    return depths.index(max(depths)) + 1


class _Wrong(ValueError):
    """What is wrong in the file, and where."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(f"{place}: {text}" if place else text)


def _sentence(error: Exception) -> str:
    return one_line(re.sub(r"\(at (.*)\)", r"at \1", str(error)))


def _team(said: dict[str, Any], folder: Path) -> Team:
    known = (
        "workspaces",
        "roles",
        "report_groups",
        "groups",
        "sign_in",
        "mask_staff",
        "audit_days",
        "load_days",
        "idle_minutes",
        "quotas",
    )
    _only(said, "", known)
    sign_in, quotas = _table(said, "sign_in"), _table(said, "quotas")
    _only(quotas, "quotas", ("upload_megabytes", "jobs"))
    _only(sign_in, "sign_in", ("name", "groups"))
    return Team(
        _places(said, folder),
        _roles(said),
        _restricted(said),
        {
            name.strip(): frozenset(person.casefold() for person in _texts(_table(said, "groups"), "groups", name))
            for name in _table(said, "groups")
        },
        _text(sign_in, "sign_in", "name", "email"),
        _text(sign_in, "sign_in", "groups", "groups"),
        _flag(said, "mask_staff"),
        _number(said, "audit_days", DAYS),
        _number(said, "idle_minutes", 30),
        _number(quotas, "upload_megabytes", UPLOAD_MEGABYTES, "quotas."),
        _number(quotas, "jobs", JOBS, "quotas."),
        _number(said, "load_days", 0) if "load_days" in said else 0,
    )


def _places(said: dict[str, Any], folder: Path) -> tuple[Place, ...]:
    places: list[Place] = []
    for name, table in _tables(said, "workspaces"):
        at = f"workspaces.{name}"
        _only(table, at, ("path", "groups"))
        path = _path(table, at, folder)
        if any(_is_same(path, other.path) for other in places):
            raise _Wrong(f"{at}.path", f"is that of another workspace: {path}")
        places.append(Place(name, path, frozenset(_texts(table, at, "groups"))))
    if not places:
        raise _Wrong("workspaces", "there is none. Add one, such as [workspaces.support] with path and groups")
    return tuple(places)


def _path(table: dict[str, Any], at: str, folder: Path) -> Path:
    """Return the file itself, whatever link leads to it: what belongs to a workspace stands beside it by its name."""
    text = _text(table, at, "path")
    try:
        path = (folder / Path(text).expanduser()).resolve()
        if path.name and not path.is_dir():
            return path
    except (OSError, ValueError, RuntimeError) as error:
        raise _Wrong(f"{at}.path", f"'{shortened(text)}' cannot be a file ({reason(error)})") from None
    raise _Wrong(f"{at}.path", f"'{text}' is not a file. Name the workspace like support.duckdb")


def _is_same(one: Path, other: Path) -> bool:
    """Tell whether two paths are of one file, or one of a file that belongs to the other."""
    with suppress(OSError):
        if one.samefile(other):
            return True
    names = f"{one.name}.", f"{other.name}."
    return one.parent == other.parent and (names[0].startswith(names[1]) or names[1].startswith(names[0]))


def _roles(said: dict[str, Any]) -> tuple[Role, ...]:
    roles = []
    for name, table in _tables(said, "roles"):
        at = f"roles.{name}"
        _only(table, at, ("groups", "may"))
        acts = _texts(table, at, "may", may_be_none=True)
        for act in acts:
            _known(f"{at}.may", "act", act, ACTS)
        roles.append(Role(frozenset(_texts(table, at, "groups")), frozenset(acts)))
    return tuple(roles)


def _restricted(said: dict[str, Any]) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    found = []
    for name, table in _tables(said, "report_groups"):
        at = f"report_groups.{name}"
        _only(table, at, ("reports", "groups"))
        reports = _texts(table, at, "reports")
        for report in reports:
            _known(f"{at}.reports", "report", report, REPORTS)
        found.append((frozenset(reports), frozenset(_texts(table, at, "groups"))))
    return tuple(found)


def _only(table: Mapping[str, Any], at: str, known: Iterable[str]) -> None:
    for key in table:
        _known(at, "key", key, known)


def _known(at: str, what: str, name: str, known: Iterable[str]) -> None:
    if name not in known:
        raise _Wrong(at, str(UnknownName(what, name, known)))


def _table(said: Mapping[str, Any], key: str, at: str = "") -> dict[str, Any]:
    table = said.get(key, {})
    if not isinstance(table, dict):
        raise _Wrong(f"{at}{key}", f"is no table. Write it as [{at}{key}]")
    return table


def _tables(said: Mapping[str, Any], key: str) -> list[tuple[str, dict[str, Any]]]:
    for name in _table(said, key):
        if not name.strip() or name != one_line(name):
            raise _Wrong(key, f"{_shown(name)}, not a name")
    return [(name, _table(_table(said, key), name, f"{key}.")) for name in _table(said, key)]


def _text(table: Mapping[str, Any], at: str, key: str, usual: str | None = None) -> str:
    text = table.get(key, usual)
    if not isinstance(text, str) or not text.strip() or text != one_line(text):
        raise _Wrong(f"{at}.{key}", f"{_shown(text)}, not a text")
    return text.strip()


def _texts(table: Mapping[str, Any], at: str, key: str, may_be_none: bool = False) -> list[str]:
    texts = table.get(key)
    if not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
        raise _Wrong(f"{at}.{key}", f'{_shown(texts)}, not a list of texts such as ["support"]')
    if not texts and not may_be_none:
        raise _Wrong(f"{at}.{key}", "is empty. Name one at least")
    return [text.strip() for text in texts]


def _flag(said: Mapping[str, Any], key: str) -> bool:
    flag = said.get(key, False)
    if not isinstance(flag, bool):
        raise _Wrong(key, f"{_shown(flag)}, not true or false")
    return flag


def _number(said: Mapping[str, Any], key: str, usual: int, at: str = "") -> int:
    number = said.get(key, usual)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= 100_000:
        raise _Wrong(f"{at}{key}", f"{_shown(number)}, not a whole number from 1 to 100000")
    return number


def _shown(value: object) -> str:
    return "is missing" if value is None else f"is {shortened(repr(value))}"
