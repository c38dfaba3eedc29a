-- Store the rows that the stage group finds: stories, reused passages, events and candidates.
create table annotations.grouped (
    article_id uuid,
    version ubigint
);

create table annotations.story_links (
    article_id uuid,
    other_article_id uuid
);

create table annotations.stories (
    article_id uuid,
    story_id uuid
);

create table annotations.reuse (
    source_article_id uuid,
    source_publisher_id varchar,
    article_id uuid,
    publisher_id varchar,
    published_on date,
    delay_hours double,
    start_offset integer,
    end_offset integer,
    source_start_offset integer,
    source_end_offset integer,
    word_count integer
);

create table annotations.event_days (
    event_day_on date,
    version ubigint
);

create table annotations.event_words (
    month_start_on date,
    language varchar,
    term uinteger,
    article_count integer,
    lower_count integer
);

create table annotations.event_groups (
    event_day_on date,
    group_id uuid,
    cluster_id uuid,
    language varchar,
    article_ids uuid[],
    similarities float[],
    publisher_ids varchar[],
    story_ids varchar[],
    terms uinteger[],
    weights float[]
);

create table annotations.article_events (
    article_id uuid,
    event_id uuid,
    similarity float,
    event_day_on date
);

create table annotations.candidate_inputs (
    version varchar
);

create table annotations.candidates (
    language varchar,
    key varchar,
    phrase varchar,
    kind varchar,
    score double,
    z double,
    article_count bigint,
    policy_count bigint,
    prior_count bigint,
    prior_total bigint,
    day_count bigint,
    outlets varchar[],
    verb_count bigint,
    quote_count bigint,
    head_noun_count bigint,
    first_seen_on date,
    period_days integer,
    as_of date,
    examples varchar[],
    example_article_ids uuid[]
);

create table annotations.candidate_articles (
    language varchar,
    article_id uuid,
    published_on date,
    is_recent boolean,
    keys varchar[]
);
