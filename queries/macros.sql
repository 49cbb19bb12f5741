-- Formulas that several tiles share. A ratio without a denominator is missing, never 0.
create or replace macro ratio(numerator, denominator) as numerator / nullif(denominator, 0);

-- Contacts per customer as Gladly defines it: of all contacts, those without a customer included.
create or replace macro contacts_per_customer(contact_id, customer_id) as
    ratio(count(contact_id), count(distinct customer_id));

-- Whether the filter text of an export lets a value through ("All Channels", or values joined by commas).
create or replace macro lets_through(filter_text, value) as
    filter_text is null
    or lower(trim(filter_text)) in ('all', 'all channels', 'all inboxes', 'all teams')
    or filter_text = value
    or list_contains(list_transform(string_split(filter_text, ','), lambda part: trim(part)), value);

-- The value that nine in ten lie below, interpolated; missing values do not count.
create or replace macro p90(value) as quantile_cont(value, 0.9);

-- How many of the contacts whose lead or lag over the SLA is known were fulfilled in time.
create or replace macro sla_attainment_rate(seconds_within_or_over_sla) as
    ratio(
        count(*) filter (seconds_within_or_over_sla <= 0), count(seconds_within_or_over_sla)
    );

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
        customers_messaged(customer_id, status))
