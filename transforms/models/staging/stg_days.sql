-- One row per calendar day from 1990 to 2099. dbt's semantic layer requires a table of days.
select
    unnest(generate_series('1990-01-01'::date, '2099-12-31'::date, interval 1 day))::date
        as calendar_on
