-- Store the rows that the stage annotate finds in each article, by kind.
create schema annotations;

create table annotations.articles (
    article_id uuid,
    source_key ubigint,
    outcome varchar,
    mentions varchar,
    statements varchar,
    terms varchar,
    sequences varchar,
    passages varchar
);

create table annotations.phrases (
    phrase_id varchar,
    theme_id varchar,
    language varchar,
    phrase varchar,
    match_type varchar,
    role varchar,
    requires_any varchar,
    window_chars integer,
    exclude_regex varchar,
    valid_from date,
    valid_to date,
    salience varchar
);

create table annotations.mentions (
    article_id uuid,
    field varchar,
    phrase_id varchar,
    theme_id varchar,
    start_offset integer,
    end_offset integer,
    snippet varchar,
    publisher_id varchar,
    published_on date,
    language varchar
);

create table annotations.statements (
    article_id uuid,
    speaker_name varchar,
    speaker_kind varchar,
    speaker_gender varchar,
    person_id varchar,
    office varchar,
    verb varchar,
    start_offset integer,
    end_offset integer,
    speaker_start integer,
    speaker_end integer,
    sentence varchar,
    publisher_id varchar,
    published_on date,
    language varchar
);

create table annotations.terms (
    article_id uuid,
    terms uinteger[],
    marks uinteger[],
    event_day_on date,
    event_at timestamptz,
    publisher_id varchar,
    language varchar
);

create table annotations.sequences (
    article_id uuid,
    key varchar,
    phrase varchar,
    verbs varchar[],
    is_headed boolean,
    is_quoted boolean,
    published_on date,
    language varchar
);

create table annotations.passages (
    article_id uuid,
    mark bigint,
    seen_on date
);
