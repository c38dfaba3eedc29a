-- The tables of seeds/*.csv and of the stages annotate and group, for new lakes and those of earlier
-- versions: adds what they lack. migrate.py creates those of records.py, and a build the marts. A
-- change also increases VERSION in migrate.py; a new column is the last of its table, and is added
-- below.
create schema if not exists ref;
create schema if not exists raw;
create schema if not exists core;
create schema if not exists marts;
create schema if not exists measures;
create schema if not exists ops;
create schema if not exists annotations;

create table if not exists ops.schema_versions (
    version integer, name varchar, applied_at timestamptz
);
create table if not exists ref.themes (
    theme_id varchar, parent_id varchar, label_en varchar, label_zh varchar, label_de varchar,
    cap_code integer, kind varchar, definition varchar, valid_from date, valid_to date,
    source varchar
);
create table if not exists ref.theme_phrases (
    phrase_id varchar, theme_id varchar, language varchar, phrase varchar, match_type varchar,
    role varchar, requires_any varchar, window_chars integer, exclude_regex varchar,
    valid_from date, valid_to date, source varchar, reviewed_by varchar, salience varchar
);
create table if not exists ref.speakers (
    person_id varchar, language varchar, name varchar, short_names varchar, office varchar,
    body varchar, valid_from date, valid_to date, source varchar, country varchar, post varchar,
    gender varchar
);
create table if not exists ref.baselines (
    baseline_id varchar, valid_from date, valid_to date, description varchar
);
create table if not exists ref.evidence_words (
    language varchar, word varchar, kind varchar, source varchar
);
-- documents that used a phrase early, or coined it
create table if not exists ref.first_uses (
    phrase varchar, language varchar, first_used_on date, is_coined boolean, title varchar,
    issuer varchar, source varchar
);
create table if not exists ref.speech_verbs (
    language varchar, form varchar, lemma varchar, pattern varchar
);
-- the results of reviews of marts.candidate_phrases (seeds/candidate_reviews.csv)
create table if not exists ref.candidate_reviews (
    phrase varchar, language varchar, reviewed_on date, reviewer varchar, verdict varchar,
    article_count integer
);
-- the themes that readers found in articles (seeds/codings.csv), to measure the word list
create table if not exists ref.codings (
    text_hash varchar, coder varchar, theme_id varchar, role varchar, is_any boolean,
    article_id uuid, url varchar, language varchar, published_on date, stratum varchar,
    weight double, coded_at timestamptz, lexicon_version varchar, found_theme_ids varchar[],
    about_theme_ids varchar[], plan_id varchar
);
-- the frozen plans of their samples, and what other programs think that articles are about
create table if not exists ref.coding_plans (
    plan_id varchar, question varchar, theme_ids varchar[], language varchar, first_on date,
    last_on date, size integer, width double, change double, seed bigint, release_id varchar,
    lexicon_version varchar, article_count bigint, sample_hash varchar, drawn_at timestamptz
);
create table if not exists ref.outside_labels (
    article_id uuid, theme_id varchar, score double, model varchar, version varchar
);
create table if not exists ref.posts (
    post varchar, language varchar, country varchar, forms varchar
);
create table if not exists ref.countries (
    country varchar, language varchar, forms varchar
);
-- comparison series of other programs (in the user's folder of seeds)
create table if not exists ref.comparison_series (
    series_id varchar, name varchar, source varchar, unit varchar, counted varchar,
    period varchar, theme_id varchar, citation varchar, licence varchar, file_name varchar,
    imported_at timestamptz
);
create table if not exists ref.comparison_points (
    series_id varchar, start_on date, value double, article_count bigint, total_count bigint
);

-- hash and length of the last part of an article's title and of each paragraph, to find repeated ones
create table if not exists annotations.paragraphs (
    article_id uuid, content_hash varchar, hashes ubigint[], lengths integer[], title_hash ubigint,
    has_title_words boolean
);
-- what the stage annotate finds in each article, by kind
create table if not exists annotations.articles (
    article_id uuid, source_key ubigint, outcome varchar, mentions varchar, statements varchar,
    terms varchar, sequences varchar, passages varchar
);
create table if not exists annotations.phrases (
    phrase_id varchar, theme_id varchar, language varchar, phrase varchar, match_type varchar,
    role varchar, requires_any varchar, window_chars integer, exclude_regex varchar,
    valid_from date, valid_to date, salience varchar
);
create table if not exists annotations.mentions (
    article_id uuid, field varchar, phrase_id varchar, theme_id varchar, start_offset integer,
    end_offset integer, snippet varchar, publisher_id varchar, published_on date,
    language varchar
);
create table if not exists annotations.statements (
    article_id uuid, speaker_name varchar, speaker_kind varchar, speaker_gender varchar,
    person_id varchar, office varchar, verb varchar, start_offset integer, end_offset integer,
    speaker_start integer, speaker_end integer, sentence varchar, publisher_id varchar,
    published_on date, language varchar
);
create table if not exists annotations.terms (
    article_id uuid, terms uinteger[], marks uinteger[], event_day_on date,
    event_at timestamptz, publisher_id varchar, language varchar
);
create table if not exists annotations.sequences (
    article_id uuid, key varchar, phrase varchar, verbs varchar[], is_headed boolean,
    is_quoted boolean, published_on date, language varchar
);
create table if not exists annotations.passages (
    article_id uuid, mark bigint, seen_on date
);

-- what the stage group finds: stories, reused passages, events and candidates
create table if not exists annotations.grouped (
    article_id uuid, version ubigint
);
create table if not exists annotations.story_links (
    article_id uuid, other_article_id uuid
);
create table if not exists annotations.version_links (
    article_id uuid, other_article_id uuid
);
create table if not exists annotations.stories (
    article_id uuid, story_id uuid, text_id uuid
);
alter table annotations.stories add column if not exists text_id uuid;
create table if not exists annotations.reuse (
    source_article_id uuid, source_publisher_id varchar, article_id uuid, publisher_id varchar,
    published_on date, delay_hours double, start_offset integer, end_offset integer,
    source_start_offset integer, source_end_offset integer, word_count integer
);
create table if not exists annotations.event_days (
    event_day_on date, version ubigint
);
create table if not exists annotations.event_words (
    month_start_on date, language varchar, term uinteger, article_count integer,
    lower_count integer
);
create table if not exists annotations.event_groups (
    event_day_on date, group_id uuid, cluster_id uuid, language varchar, article_ids uuid[],
    similarities float[], story_ids varchar[], terms uinteger[], weights float[]
);
create table if not exists annotations.article_events (
    article_id uuid, event_id uuid, similarity float, event_day_on date
);
create table if not exists annotations.candidate_inputs (
    version varchar
);
create table if not exists annotations.candidates (
    language varchar, key varchar, phrase varchar, score double, z double,
    article_count bigint, policy_count bigint, prior_count bigint, prior_total bigint,
    day_count bigint, outlets varchar[], verb_count bigint, quote_count bigint,
    head_noun_count bigint, first_seen_on date, period_days integer, as_of date,
    examples varchar[], example_article_ids uuid[]
);
create table if not exists annotations.candidate_articles (
    language varchar, article_id uuid, keys varchar[]
);
-- the effects of changes of the word list, which no later build can compute again
create table if not exists annotations.lexicon_changes (
    theme_id varchar, month_start_on date, lexicon_before varchar, lexicon_after varchar,
    article_count_before bigint, article_count_after bigint, gained_count bigint,
    lost_count bigint, gained_by_phrase_ids varchar[], lost_with_phrase_ids varchar[]
);
-- breaks in an outlet's data that a person accepted
create table if not exists ops.accepted_breaks (
    publisher_id varchar, kind varchar, first_on date, reason varchar, accepted_at timestamptz
);
-- figures of closed periods that differ from a release, which no later build can compute again
create table if not exists annotations.revised_figures (
    release_id varchar, period varchar, start_on date, theme_id varchar, released_count bigint,
    revised_count bigint, released_about_count bigint, revised_about_count bigint,
    released_total_count bigint, revised_total_count bigint, reasons varchar[]
);
-- how often each prediction of the word list is true, estimated from coded articles
create table if not exists annotations.true_rates (
    theme_id varchar, language varchar, prediction varchar, coded_count double,
    pooled_count double, draws double[], assumes_perfect_coding boolean, rates_version varchar
);

-- Columns that lakes of earlier versions may lack; null means unknown, as for all earlier rows.
alter table ref.theme_phrases add column if not exists salience varchar;
alter table ref.speakers add column if not exists country varchar;
alter table ref.speakers add column if not exists post varchar;
alter table ref.speakers add column if not exists gender varchar;
alter table ref.candidate_reviews add column if not exists article_count integer;
alter table ref.codings add column if not exists plan_id varchar;
-- Columns that lakes of earlier versions have in addition.
alter table annotations.candidates drop column if exists kind;
alter table annotations.candidate_articles drop column if exists published_on;
alter table annotations.candidate_articles drop column if exists is_recent;
alter table annotations.event_groups drop column if exists publisher_ids;
