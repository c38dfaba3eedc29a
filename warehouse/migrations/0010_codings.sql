-- Store the themes that readers found in articles (seeds/codings.csv), to measure the word list.
create table ref.codings (
    text_hash varchar,
    coder varchar,
    theme_id varchar,
    role varchar,
    is_any boolean,
    article_id uuid,
    url varchar,
    language varchar,
    published_on date,
    stratum varchar,
    weight double,
    coded_at timestamptz,
    lexicon_version varchar,
    found_theme_ids varchar[],
    about_theme_ids varchar[]
);
