"""What one would write for Repeat contacts: the next contact of a customer by a window, and pandas' shift."""

from collections.abc import Callable

import pandas as pd

from benchmarks.exports import header
from benchmarks.peers import Peers
from workbench.reports.repeat_contacts import REPEAT_CONTACTS
from workbench.time import coverage

AT, CUSTOMER = header("queued_at"), header("customer_id")
TILES = [tile.name for tile in REPEAT_CONTACTS.tiles if not (tile.log or tile.needs)]
# By when each contact was queued and when the next one was: neither forwards and chains nor ripeness.
NEXT = f"""
    select "Channel", count(*), count(*) filter (next_at < began_at + interval 7 days) from (
        select "Channel", "{AT}" as began_at, lead("{AT}") over (partition by "{CUSTOMER}" order by "{AT}") as next_at,
        from contacts where "Direction" = 'INBOUND' and "{CUSTOMER}" is not null
    ) where began_at >= $start and began_at < $end group by all order by all
"""


def _next(peers: Peers, span: coverage.Span) -> pd.DataFrame:
    inbound = peers.contacts[(peers.contacts["Direction"] == "INBOUND") & peers.contacts[CUSTOMER].notna()]
    inbound = inbound[[AT, CUSTOMER, "Channel"]].sort_values(AT)
    after = inbound.groupby(CUSTOMER)[AT].shift(-1) - inbound[AT]
    rows = inbound.assign(is_repeated=after < pd.Timedelta(days=7))
    rows = rows[(rows[AT] >= span[0]) & (rows[AT] < span[1])]
    return rows.groupby("Channel", dropna=False)["is_repeated"].agg(["size", "sum"])


BARE = dict.fromkeys(TILES, NEXT)
FRAMES: dict[str, Callable[[Peers, coverage.Span], object]] = dict.fromkeys(TILES, _next)
