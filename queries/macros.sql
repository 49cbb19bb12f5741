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

-- What the events of one of respond.io's logs of contacts are, by the log's kind ("respondio_contacts_added").
create or replace macro activity_of(kind) as upper(split_part(kind, '_', 3));
