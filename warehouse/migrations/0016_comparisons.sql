-- Store comparison series of other programs (comparison_series.csv and comparison_points.csv in the
-- user's folder of seeds).
create table ref.comparison_series (
    series_id varchar,
    name varchar,
    source varchar,
    unit varchar,
    counted varchar,
    period varchar,
    theme_id varchar,
    citation varchar,
    licence varchar,
    file_name varchar,
    imported_at timestamptz
);
create table ref.comparison_points (
    series_id varchar,
    start_on date,
    value double,
    article_count bigint,
    total_count bigint
);
