-- Every inbound contact, and whether its customer had to reach out again.
-- Grain: one row per inbound contact.
-- A contact and its forwards are one request, placed at its first contact: there alone stands what
-- came next. Followers are looked for over all contacts of the customers whom the range has.
with inbound as (
    select
        contacts.row_id,
        contacts.contact_id,
        contacts.channel,
        customer_key(contacts.customer_id) as customer_key,
        customer_key(
            case
                when rule.same_channel
                    then contacts.customer_id || ' ' || coalesce(contacts.channel, '')
                else contacts.customer_id
            end
        ) as lane_key,
        contacts.queued_at_utc as began_at,
        greatest(contacts.queued_at_utc, contacts.ended_at) + to_minutes(rule.forward_minutes)
            as forwards_until,
    from gladly_contacts as contacts
    semi join (
        select customer_key(customer_id) as customer_key
        from gladly_contacts_dated
        where direction = 'INBOUND' and customer_id is not null
    ) as asked
        on customer_key(contacts.customer_id) = asked.customer_key
    cross join chosen as rule
    where contacts.direction = 'INBOUND' and contacts.customer_id is not null
),

placed as (
    select
        row_id,
        contact_id,
        channel,
        customer_key,
        lane_key,
        began_at,
        coalesce(began_at <= max(forwards_until) over earlier, false) as is_forward,
        lag(began_at) over in_order as earlier_at,
        last_value(began_at) over whole as latest_at,
    from inbound
    window
        in_order as (partition by lane_key order by began_at, row_id),
        earlier as (
            partition by lane_key
            order by began_at, row_id
            rows between unbounded preceding and 1 preceding
        ),
        whole as (
            partition by lane_key
            order by began_at, row_id
            rows between unbounded preceding and unbounded following
        )
),

begun as (
    select
        placed.*,
        coalesce(began_at >= window_end(earlier_at, rule.within_days), true) as begins_chain,
    from placed
    cross join chosen as rule
    where not is_forward
),

requests as (
    select
        row_id,
        began_at,
        begins_chain,
        last_value(case when begins_chain then row_id end ignore nulls) over until_now as chain,
        lead(began_at) over in_order as next_at,
        lead(contact_id) over in_order as next_contact_id,
        lead(channel) over in_order as next_channel,
        coalesce(lead(earlier_at) over in_order, latest_at) as last_at,
    from begun
    window
        in_order as (partition by lane_key order by began_at, row_id),
        until_now as (
            partition by lane_key
            order by began_at, row_id
            rows between unbounded preceding and current row
        )
),

counted as (
    select
        customer_key(dated.customer_id) as customer_key,
        count(*) as requests_in_range,
    from gladly_contacts_dated as dated
    join requests
        on dated.row_id = requests.row_id
    group by all
),

judged as (
    select
        requests.row_id,
        requests.next_contact_id,
        requests.next_channel,
        seconds_between(requests.last_at, requests.next_at) / 86400 as days_to_next,
        coalesce(requests.next_at < window_end(requests.last_at, rule.within_days), false)
            as is_repeated,
        requests.begins_chain,
        requests.chain,
        coalesce(window_end(requests.last_at, rule.within_days) <= followed.to_utc, false)
            as is_ripe,
        coalesce(requests.began_at - to_days(rule.within_days) >= preceded.from_utc, false)
            as has_history,
    from requests
    cross join chosen as rule
    left join whole_days as followed
        on requests.last_at >= followed.from_utc and requests.last_at < followed.to_utc
    left join whole_days as preceded
        on requests.began_at > preceded.from_utc and requests.began_at <= preceded.to_utc
)

select
    contacts.*,
    placed.is_forward,
    judged.is_repeated,
    judged.is_ripe,
    judged.begins_chain,
    judged.chain,
    judged.has_history,
    case when not placed.is_forward then counted.requests_in_range end as requests_in_range,
    case when judged.is_repeated then judged.next_contact_id end as next_contact_id,
    case when judged.is_repeated then judged.next_channel end as next_channel,
    case when judged.is_repeated then judged.days_to_next end as days_to_repeat,
    case when judged.is_repeated then floor(judged.days_to_next)::integer end as days,
from gladly_contacts as contacts
left join placed
    on contacts.row_id = placed.row_id
left join judged
    on contacts.row_id = judged.row_id
left join counted
    on placed.customer_key = counted.customer_key
where contacts.direction = 'INBOUND'
