-- Formulas that several tiles share. A ratio without a denominator is missing, never 0.
create or replace macro ratio(numerator, denominator) as numerator / nullif(denominator, 0);

-- Inbound contacts per customer: contacts without a customer are in neither.
create or replace macro contacts_per_customer(customer_id) as
    ratio(count(customer_id), count(distinct customer_id));

-- Whether the filter text of an export lets a value through ("All Channels", or values joined by commas).
create or replace macro lets_through(filter_text, value) as
    filter_text is null
    or filter_text ilike 'all %'
    or filter_text = value
    or list_contains(list_transform(string_split(filter_text, ','), lambda part: trim(part)), value);

-- The instant at which a message's window closes: days are of 24 hours.
create or replace macro window_end(sent_at, window_days) as sent_at + to_days(window_days);

-- The revenue of messages, each with what it is credited with: nothing is zero, mixed currencies are missing.
create or replace macro revenue(credited) as
    case when count(*) = 0 then 0 else round(fsum(credited), 4) end;

-- Different customers who were sent a message.
create or replace macro customers_messaged(customer_id, status) as
    count(distinct customer_id) filter (status = 'SENT');

-- Of the customers who were sent a message, those who ordered within the window of one of them.
create or replace macro conversion_rate(customer_id, status, has_ordered) as
    ratio(count(distinct customer_id) filter (status = 'SENT' and has_ordered),
        customers_messaged(customer_id, status))
