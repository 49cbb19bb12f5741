-- How many agents do the calls of each half hour of the week take?
-- Grain: one row per weekday (1 is Monday) and half hour of the last six weeks.
-- Erlang A takes at least as many agents as serve the share that is aimed at. It can take more than
-- C, as whoever gives up is never answered, but no more than by C answer the share at once. Beyond
-- the load, six times its root is more than any share below 1 takes.
with half_hours as (
    select
        weekday,
        half_hour,
        half_hour_start,
    from quarter_hours
    where is_counted
        and half_hour_start > (
            select max(half_hour_start) from quarter_hours where is_covered
        ) - interval 42 days
    group by all
),

counted as (
    select
        half_hour_start_of(queued_at) as half_hour_start,
        count(*) as calls,
    from gladly_calls
    group by all
),

expected as (
    select
        half_hours.weekday,
        half_hours.half_hour,
        median(coalesce(counted.calls, 0)) as arrivals_expected,
    from half_hours
    left join counted on half_hours.half_hour_start = counted.half_hour_start
    group by all
),

handled as (
    select
        weekday,
        half_hour,
        avg(handled_seconds) as aht_seconds,
    from gladly_calls
    where is_recent
    group by all
),

patient as (
    select
        ratio(
            sum(waited_seconds)::double, count(*) filter (status = 'ABANDONED')
        ) as patience_seconds,
        max(threshold) as threshold,
    from gladly_calls
    where is_recent
),

loaded as (
    select
        expected.weekday,
        expected.half_hour,
        expected.arrivals_expected,
        handled.aht_seconds,
        erlangs(expected.arrivals_expected, handled.aht_seconds) as load,
        nullif(patient.patience_seconds, 0) as patience_seconds,
        chosen.target,
        patient.threshold,
        chosen.shrinkage,
    from expected
    left join handled
        on expected.weekday = handled.weekday and expected.half_hour = handled.half_hour
    cross join patient
    cross join chosen
),

by_erlang_c as (
    select
        weekday,
        half_hour,
        min(agents) as agents,
        min(agents) filter (
            service_level_erlang_c(load, agents, 0, aht_seconds) >= target
        ) as most_agents,
    from (
        select
            weekday,
            half_hour,
            load,
            target,
            threshold,
            aht_seconds,
            unnest(range(floor(load)::bigint + 1, ceil(load + 6 * sqrt(load) + 12)::bigint, 1))
                as agents,
        from loaded
        where load > 0
    ) as possible
    where service_level_erlang_c(load, agents, threshold, aht_seconds) >= target
    group by all
),

by_erlang_a as (
    select
        weekday,
        half_hour,
        min(agents) as agents,
    from (
        select
            loaded.weekday,
            loaded.half_hour,
            load,
            target,
            threshold,
            aht_seconds,
            patience_seconds,
            unnest(range(floor(target * load)::bigint, by_erlang_c.most_agents + 1, 1))
                as agents,
        from loaded
        inner join by_erlang_c
            on loaded.weekday = by_erlang_c.weekday and loaded.half_hour = by_erlang_c.half_hour
        where patience_seconds is not null
    ) as possible
    where service_level_erlang_a(load, agents, threshold, aht_seconds, patience_seconds) >= target
    group by all
)

select
    loaded.weekday,
    loaded.half_hour,
    loaded.arrivals_expected,
    loaded.aht_seconds,
    scheduled(loaded.arrivals_expected, by_erlang_c.agents, loaded.shrinkage) as agents_erlang_c,
    case
        when loaded.patience_seconds is not null
            then scheduled(loaded.arrivals_expected, by_erlang_a.agents, loaded.shrinkage)
    end as agents_erlang_a,
from loaded
left join by_erlang_c
    on loaded.weekday = by_erlang_c.weekday and loaded.half_hour = by_erlang_c.half_hour
left join by_erlang_a
    on loaded.weekday = by_erlang_a.weekday and loaded.half_hour = by_erlang_a.half_hour
order by loaded.weekday, loaded.half_hour
