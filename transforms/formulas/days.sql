-- Days in the time zones of outlets, and how much of them was covered.

-- Return the time at which a day starts in a time zone. Parameters: day: a date; time_zone: name of
-- the zone.
create or replace macro day_start(day, time_zone) as
timezone(time_zone, (day)::timestamp);

-- Return the covered share of a day, 0 to 1. A running day needs coverage only up to the last
-- successful poll. Parameters: covered_seconds: covered seconds of the day; starts_at: its start;
-- ends_at: its end; last_success_at: time of the last successful poll; as_of: the run time.
create or replace macro covered_share(
    covered_seconds, starts_at, ends_at, last_success_at, as_of
) as
least(coalesce(covered_seconds / nullif(greatest(epoch(
    if(ends_at <= as_of, ends_at, least(ends_at, last_success_at)) - starts_at
), 0), 0), 0), 1.0);

-- Return the days of each id: all from its first day to `last_on`, and those with counts up to
-- `today`, each with starts_at, ends_at, covered_seconds, the seconds inside the intervals, and
-- is_covered_to_end, whether these reach its end. Parameters: times: name of a table with id,
-- starts_at and ends_at, without overlaps, as text; zones: name of a table with id, time_zone,
-- last_on and today, as text; starts: name of a table with id and published_on, days that can be
-- the first besides those of the intervals, as text; counts: name of a table with id and
-- published_on, as text.
create or replace macro days_by_id(times, zones, starts, counts) as table (
    with covered as (
        select
            id, published_on,
            sum(epoch(
                least(ends_at, day_start(published_on + 1, time_zone))
                - greatest(starts_at, day_start(published_on, time_zone))
            )) as day_seconds,
            bool_or(ends_at >= day_start(published_on + 1, time_zone)) as is_to_end
        from (
            select
                id, time_zone, starts_at, ends_at,
                unnest(generate_series(
                    timezone(time_zone, starts_at)::date,
                    least(timezone(time_zone, ends_at)::date, today),
                    interval 1 day
                ))::date as published_on
            from query_table(times)
            inner join query_table(zones) using (id)
        )
        group by all
    ),

    days as (
        select
            id,
            unnest(generate_series(min(published_on), last_on, interval 1 day))::date
                as published_on
        from (
            select id, published_on from covered
            union all
            select id, published_on from query_table(starts)
        )
        inner join query_table(zones) using (id)
        group by id, last_on
        union
        select id, published_on
        from query_table(counts)
        inner join query_table(zones) using (id)
        where published_on <= today
    )

    select
        id, published_on,
        day_start(published_on, time_zone) as starts_at,
        day_start(published_on + 1, time_zone) as ends_at,
        coalesce(day_seconds, 0) as covered_seconds,
        coalesce(is_to_end, false) as is_covered_to_end
    from days
    inner join query_table(zones) using (id)
    left join covered using (id, published_on)
);
