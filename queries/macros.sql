-- Formulas that several tiles share. A ratio without a denominator is missing, never 0.
create or replace macro ratio(numerator, denominator) as numerator / nullif(denominator, 0);

-- Contacts per customer as Gladly defines it: of all contacts, those without a customer included.
create or replace macro contacts_per_customer(contact_id, customer_id) as
    ratio(count(contact_id), count(distinct customer_id));

-- The names of a list with commas alone between them; a name may have commas itself.
create or replace macro listed(names) as
    replace(replace(trim(names), ', ', ','), ' ,', ',');

-- Whether the filter text of an export says that it was not limited ("All Channels").
create or replace macro is_unfiltered(filter_text) as
    filter_text is null
    or lower(trim(filter_text)) in ('all', 'all channels', 'all inboxes', 'all teams');

-- Whether it lets a value through: one that is not limited, or that lists it.
create or replace macro lets_through(filter_text, value) as
    is_unfiltered(filter_text)
    or contains(',' || listed(filter_text) || ',', ',' || listed(value) || ',');

-- The value that nine in ten lie below, interpolated; missing values do not count.
create or replace macro p90(value) as quantile_cont(value, 0.9);

-- How many of the contacts whose lead or lag over the SLA is known were fulfilled in time.
create or replace macro sla_attainment_rate(seconds_within_or_over_sla) as
    ratio(
        count(*) filter (seconds_within_or_over_sla <= 0), count(seconds_within_or_over_sla)
    );

-- Whether an inbound contact that has a status is within the service level by one of its definitions;
-- missing for one that does not count: it is none of these, was abandoned too soon, or the definition
-- leaves it out.
create or replace macro in_time(
    definition, direction, status, wait, ended, over_sla, threshold, short_abandon
) as
    case
        when not coalesce(direction = 'INBOUND', false) or status is null then null
        when status = 'ABANDONED' and ended <= short_abandon then null
        when definition = 'answered' then over_sla <= 0
        when definition = 'gladly' and over_sla is null and status <> 'ABANDONED' then null
        when definition = 'gladly' then coalesce(over_sla <= 0, false)
        when definition = 'offered' and status = 'ABANDONED' and ended <= threshold then null
        when status = 'ANSWERED' then coalesce(wait <= threshold, false)
        else definition = 'queued' and status = 'ABANDONED' and coalesce(ended <= threshold, false)
    end;

-- How many of the contacts that count for the service level are within it.
create or replace macro service_level_rate(in_time) as
    ratio(count(*) filter (in_time), count(in_time));

-- What a group adds to the change of an overall average because its own average changed: its share
-- and average before (0) and now (1). A group that is missing on one side keeps its average.
create or replace macro rate_effect(share0, share1, average0, average1) as
    (share0 + share1) / 2 * (coalesce(average1, average0) - coalesce(average0, average1));

-- What a group adds to the change of an overall average because its share changed.
create or replace macro mix_effect(share0, share1, average0, average1, overall0, overall1) as
    (share1 - share0) * (
        (coalesce(average0, average1) + coalesce(average1, average0)) / 2
        - (overall0 + overall1) / 2
    );

-- What the events of one of respond.io's logs of contacts are, by the log's kind ("respondio_contacts_added").
create or replace macro activity_of(kind) as upper(split_part(kind, '_', 3));

-- The seconds from one instant to another.
create or replace macro seconds_between(earlier, later) as
    (epoch_us(later) - epoch_us(earlier)) / 1e6;

-- The wall time of an instant in a zone that a file names.
create or replace macro wall_of(instant, zone) as (instant at time zone 'UTC') at time zone zone;

-- The instant that a step earlier has the same wall time, if it has.
create or replace macro before_at(instant, step, wall, zone) as
    case when wall_of(instant - step, zone) = wall then instant - step end;

-- The instant of a wall time in such a zone: of one that came twice the first, whichever of both the
-- database means. No clock goes back by anything but an hour or half of one.
create or replace macro instant_of(wall, zone) as
    least(
        (wall at time zone zone) at time zone 'UTC',
        before_at((wall at time zone zone) at time zone 'UTC', interval 1 hour, wall, zone),
        before_at((wall at time zone zone) at time zone 'UTC', interval 30 minutes, wall, zone)
    );

-- The instant at which a message's window closes: days are of 24 hours.
create or replace macro window_end(sent_at, window_days) as sent_at + to_days(window_days);

-- The revenue of messages, each with what it is credited with and of how many orders that is: orders
-- without any value are missing, and so are mixed currencies and what no message brings in.
create or replace macro revenue(credited, orders) as
    case
        when count(*) filter (orders > 0) = 0 then round(fsum(credited), 4)
        else round(fsum(credited) filter (orders > 0), 4)
    end;

-- What customers are compared and counted by: a 64-bit hash, as text takes twice as long.
create or replace macro customer_key(customer_id) as
    case when customer_id is not null then hash(customer_id) end;

-- Different customers who were sent a message.
create or replace macro customers_messaged(customer_id, status) as
    count(distinct customer_key(customer_id)) filter (status = 'SENT');

-- Of the customers who were sent a message, those who ordered within the window of one of them;
-- missing where nothing is known of orders.
create or replace macro conversion_rate(customer_id, status, has_ordered) as
    ratio(
        case
            when count(has_ordered) > 0
                then count(distinct customer_key(customer_id))
                    filter (status = 'SENT' and has_ordered)
        end,
        customers_messaged(customer_id, status));

-- The average response of several conversations: each one's own, by how many responses it is of.
create or replace macro average_response(seconds, responses) as
    ratio(sum(seconds * responses), sum(responses) filter (seconds is not null));

-- The quarter of an hour in which an instant lies, by its number: every zone's clocks are whole ones apart.
create or replace macro quarter_hour_of(instant) as epoch_us(instant) // 900000000;

-- The seconds that count of a range until an instant: those before its quarter of an hour, which
-- is missing outside of the range, and those within it.
create or replace macro counted_until(
    instant, seconds_before, starts_at, ends_at, begins_at, counted_seconds
) as
    case
        when seconds_before is not null
            then seconds_before
                + coalesce(greatest(seconds_between(starts_at, least(instant, ends_at)), 0), 0)
        when instant < begins_at then 0
        else counted_seconds
    end;

-- The day of UTC in which an instant lies, by its number.
create or replace macro utc_day_of(instant) as epoch_us(instant) // 86400000000;

-- How long a calendar had been open until an instant, in microseconds: until the part of a day in which
-- that lies began, and since then if it is open in it.
create or replace macro open_until(instant, microseconds_before, is_open, starts_at) as
    microseconds_before
    + case when is_open then epoch_us(instant) - epoch_us(starts_at) else 0 end;

-- The seconds for which a calendar was open between two instants, by how long it had been open until each.
create or replace macro open_between(earlier, later) as (later - earlier) / 1e6;

-- How long something has been open, in six steps, each with its lower bound.
create or replace macro age_of(seconds) as
    case
        when seconds < 3600 then 'under 1 h'
        when seconds < 14400 then '1 to 4 h'
        when seconds < 86400 then '4 to 24 h'
        when seconds < 259200 then '1 to 3 d'
        when seconds < 604800 then '3 to 7 d'
        else 'over 7 d'
    end;

-- The half hour of the day that a time falls in, by its beginning.
create or replace macro half_hour_of(moment) as
    split_part(split_part(moment::varchar, ' ', 2), ':', 1)
    || case when epoch_us(moment) % 3600000000 < 1800000000 then ':00' else ':30' end;

-- The half hour that a time falls in, by its beginning.
create or replace macro half_hour_start_of(moment) as
    make_timestamp(epoch_us(moment) - epoch_us(moment) % 1800000000);

-- How long somebody handles a contact: the total that is exported, else both of its parts.
create or replace macro handled_seconds(total, while_open, after_it) as
    coalesce(total, while_open + coalesce(after_it, 0));

-- The load of calls that come in half an hour: how many are being handled at a time, in erlangs.
create or replace macro erlangs(calls, handling) as calls * handling / 1800;

-- Erlang's loss formula B: the part of callers who find all agents busy where nobody waits. The load
-- is in erlangs: calls that come while one is handled. By the recursion over agents, B(0) = 1
-- (A. K. Erlang 1917; in this form R. B. Cooper, Introduction to Queueing Theory, 1981).
create or replace macro erlang_b(load, agents) as
    list_reduce(
        list_transform(range(1, agents + 1, 1), lambda agent: agent::double),
        lambda blocked, agent: load * blocked / (agent + load * blocked),
        1.0::double
    );

-- Erlang C: the part of callers who wait where nobody gives up; all, where there is more load than agents.
create or replace macro erlang_c(load, agents) as
    case
        when agents > load
            then erlang_b(load, agents)
                / (1 - load / agents * (1 - erlang_b(load, agents)))
        else 1
    end;

-- The part of calls that are answered within a threshold by Erlang C, none where the queue grows
-- without end.
create or replace macro service_level_erlang_c(load, agents, threshold, handling) as
    case
        when agents > load
            then 1 - erlang_c(load, agents) * exp((load - agents) * threshold / handling)
        else 0
    end;

-- Palm's function 1 + y/(x + 1) + y^2/((x + 1)(x + 2)) + ..., from its last term that matters: from
-- y - x on its terms fall as those of a normal distribution of variance y.
create or replace macro palm(x, y) as
    list_reduce(
        list_transform(
            range(0, ceil(greatest(y - x, 0) + 9 * sqrt(y) + 50)::bigint, 1),
            lambda term: ceil(greatest(y - x, 0) + 9 * sqrt(y) + 50)::double - term
        ),
        lambda rest, term: 1 + y / (x + term) * rest,
        1.0::double
    );

-- Of callers by Erlang A (M/M/n+M, patience exponential) the part who find all agents busy and
-- nobody waiting: x is agents x patience / handling, y is load x patience / handling.
create or replace macro all_busy_erlang_a(load, agents, x, y) as
    erlang_b(load, agents) / (1 + (palm(x, y) - 1) * erlang_b(load, agents));

-- The part of calls that are answered within a threshold by Erlang A, of all that come: those who
-- find an agent free, and those who are served before they give up and before the threshold. Whoever
-- waits behind m others waits for sums of exponentials, which make up a gamma function, here by
-- Palm's (C. Palm 1957; A. Mandelbaum, S. Zeltyn, The Palm/Erlang-A Queue, 2005).
create or replace macro served_within(load, agents, x, y, patiences) as
    1 - all_busy_erlang_a(load, agents, x, y) * (
        palm(x, y)
        - x / (x + 1) * (
            palm(x + 1, y)
            - exp(y - y * exp(-patiences) - (x + 1) * patiences)
            * palm(x + 1, y * exp(-patiences))
        )
    );

-- The same from what is known of calls: the threshold in seconds, how long each is handled, and how
-- patient callers are.
create or replace macro service_level_erlang_a(load, agents, threshold, handling, patience) as
    served_within(
        load, agents, agents * patience / handling, load * patience / handling, threshold / patience
    );

-- How many agents are to be scheduled so that as many are there: nobody for no call.
create or replace macro scheduled(arrivals, agents, shrinkage) as
    case when arrivals = 0 then 0 else ceil(agents / (1 - shrinkage) - 1e-9)::bigint end;
