-- Days in the time zones of outlets, and how much of them was covered.

-- Return the time at which a day starts in a time zone. Parameters: day: a date; time_zone: name of
-- the zone.
create or replace macro day_start(day, time_zone) as
timezone(time_zone, (day)::timestamp);

-- Return the days of each id: all from its first day to today, or to that of the last successful
-- poll if it is polled no more, and those with counts up to today, each with starts_at, ends_at,
-- covered_share, the share of it inside the intervals, and is_covered_to_end, whether these reach
-- its end. A running day needs coverage only up to the last successful poll. Parameters: times:
-- name of a table with id, starts_at and ends_at, without overlaps, as text; polled: name of a
-- table with id, time_zone, is_polled and last_success_at, as text; starts: name of a table with id
-- and published_on, days that can be the first besides those of the intervals, as text; counts:
-- name of a table with id and published_on, as text; as_of: the run time.
create or replace macro days_by_id(times, polled, starts, counts, as_of) as table (
    with zones as (
        select
            id, last_success_at,
            coalesce(time_zone, 'UTC') as zone,
            timezone(zone, as_of)::date as today,
            timezone(zone, if(is_polled, as_of, coalesce(last_success_at, as_of)))::date
                as last_on
        from query_table(polled)
    ),

    covered as (
        select
            id, published_on,
            sum(epoch(
                least(ends_at, day_start(published_on + 1, zone))
                - greatest(starts_at, day_start(published_on, zone))
            )) as day_seconds,
            bool_or(ends_at >= day_start(published_on + 1, zone)) as is_to_end
        from (
            select
                id, zone, starts_at, ends_at,
                unnest(generate_series(
                    timezone(zone, starts_at)::date,
                    least(timezone(zone, ends_at)::date, today),
                    interval 1 day
                ))::date as published_on
            from query_table(times)
            inner join zones using (id)
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
        inner join zones using (id)
        group by id, last_on
        union
        select id, published_on
        from query_table(counts)
        inner join zones using (id)
        where published_on <= today
    )

    select
        id, published_on,
        day_start(published_on, zone) as starts_at,
        day_start(published_on + 1, zone) as ends_at,
        least(coalesce(day_seconds / nullif(greatest(epoch(
            if(ends_at <= as_of, ends_at, least(ends_at, last_success_at)) - starts_at
        ), 0), 0), 0), 1.0) as covered_share,
        coalesce(is_to_end, false) as is_covered_to_end
    from days
    inner join zones using (id)
    left join covered using (id, published_on)
);
