-- The tables of seeds/*.csv and of the stages annotate and group. migrate.py creates them and those
-- of records.py, and adds columns that lakes of earlier versions lack; a build creates the marts. A
-- change increases VERSION in migrate.py; a new column is the last of its table.
create schema ref;
create schema raw;
create schema core;
create schema ops;
create schema annotations;

create table ops.schema_versions (
    version integer, name varchar, applied_at timestamptz
);
create table ref.themes (
    theme_id varchar, parent_id varchar, label_en varchar, label_zh varchar, label_de varchar,
    cap_code integer, kind varchar, definition varchar, valid_from date, valid_to date,
    source varchar
);
create table ref.theme_phrases (
    phrase_id varchar, theme_id varchar, language varchar, phrase varchar, match_type varchar,
    role varchar, requires_any varchar, window_chars integer, exclude_regex varchar,
    valid_from date, valid_to date, source varchar, reviewed_by varchar, salience varchar
);
create table ref.speakers (
    person_id varchar, language varchar, name varchar, short_names varchar, office varchar,
    body varchar, valid_from date, valid_to date, source varchar, country varchar, post varchar,
    gender varchar
);
create table ref.bodies (body varchar, language varchar, country varchar, forms varchar[]);
create table ref.baselines (
    baseline_id varchar, valid_from date, valid_to date, description varchar
);
create table ref.evidence_words (
    language varchar, word varchar, kind varchar, source varchar
);
-- documents that used a phrase early, or coined it
create table ref.first_uses (
    phrase varchar, language varchar, first_used_on date, is_coined boolean, title varchar,
    issuer varchar, source varchar
);
create table ref.speech_verbs (
    language varchar, form varchar, lemma varchar, pattern varchar
);
-- the results of reviews of marts.candidate_phrases (seeds/candidate_reviews.csv)
create table ref.candidate_reviews (
    phrase varchar, language varchar, reviewed_on date, reviewer varchar, verdict varchar,
    article_count integer
);
-- the themes that readers found in articles (seeds/codings.csv), to measure the word list
create table ref.codings (
    text_hash varchar, coder varchar, theme_id varchar, role varchar, is_any boolean,
    article_id uuid, url varchar, language varchar, published_on date, stratum varchar,
    weight double, coded_at timestamptz, lexicon_version varchar, found_theme_ids varchar[],
    about_theme_ids varchar[], plan_id varchar
);
-- the frozen plans of coders' samples, and the themes that other programs assigned to articles
create table ref.coding_plans (
    plan_id varchar, question varchar, theme_ids varchar[], language varchar, first_on date,
    last_on date, size integer, width double, change double, seed bigint, release_id varchar,
    lexicon_version varchar, article_count bigint, sample_hash varchar, drawn_at timestamptz
);
create table ref.outside_labels (
    article_id uuid, theme_id varchar, score double, model varchar, version varchar
);
create table ref.posts (
    post varchar, language varchar, country varchar, forms varchar
);
create table ref.countries (
    country varchar, language varchar, forms varchar
);
-- comparison series of other programs (in the user's folder of seeds)
create table ref.comparison_series (
    series_id varchar, name varchar, source varchar, unit varchar, counted varchar,
    period varchar, theme_id varchar, citation varchar, licence varchar, file_name varchar,
    imported_at timestamptz
);
create table ref.comparison_points (
    series_id varchar, start_on date, value double, article_count bigint, total_count bigint
);

-- hash and length of the last part of an article's title and of each paragraph, to find repeated ones
create table annotations.paragraphs (
    article_id uuid, content_hash varchar, hashes ubigint[], lengths integer[], title_hash ubigint,
    has_title_words boolean
);
-- for each outlet whose pages were compared, a hash of its articles
create table annotations.checked_outlets (
    publisher_id varchar, version ubigint
);
-- the results of the stage annotate, by kind
create table annotations.articles (
    article_id uuid, source_key ubigint, outcome varchar, mentions varchar, statements varchar,
    terms varchar, sequences varchar, passages varchar
);
create table annotations.phrases as select * exclude (source, reviewed_by) from ref.theme_phrases;
create table annotations.mentions (
    article_id uuid, field varchar, phrase_id varchar, theme_id varchar, start_offset integer,
    end_offset integer, snippet varchar, publisher_id varchar, published_on date,
    language varchar
);
create table annotations.statements (
    article_id uuid, speaker_name varchar, speaker_kind varchar, speaker_gender varchar,
    person_id varchar, office varchar, verb varchar, start_offset integer, end_offset integer,
    speaker_start integer, speaker_end integer, sentence varchar, publisher_id varchar,
    published_on date, language varchar
);
create table annotations.terms (
    article_id uuid, terms uinteger[], marks uinteger[], text_kind varchar, event_day_on date,
    event_at timestamptz, publisher_id varchar, language varchar
);
create table annotations.sequences (
    article_id uuid, key varchar, phrase varchar, verbs varchar[], is_headed boolean,
    is_quoted boolean, published_on date, language varchar
);
create table annotations.passages (
    article_id uuid, mark bigint, seen_on date
);

-- the results of the stage group: stories, reused passages, events and candidates
create table annotations.grouped (
    article_id uuid, version ubigint
);
create table annotations.story_links (
    article_id uuid, other_article_id uuid
);
create table annotations.version_links (
    article_id uuid, other_article_id uuid
);
create table annotations.stories (
    article_id uuid, story_id uuid, text_id uuid
);
create table annotations.reuse (
    source_article_id uuid, source_publisher_id varchar, article_id uuid, publisher_id varchar,
    published_on date, delay_hours double, start_offset integer, end_offset integer,
    source_start_offset integer, source_end_offset integer, word_count integer
);
create table annotations.event_days (
    event_day_on date, version ubigint
);
create table annotations.event_words (
    month_start_on date, language varchar, term uinteger, article_count integer,
    lower_count integer
);
create table annotations.event_groups (
    event_day_on date, group_id uuid, cluster_id uuid, language varchar, article_ids uuid[],
    similarities float[], story_ids varchar[], terms uinteger[], weights float[]
);
create table annotations.article_events (
    article_id uuid, event_id uuid, similarity float, event_day_on date,
    event_ids uuid[], from_days integer[]
);
create table annotations.candidate_inputs (
    version varchar
);
create table annotations.candidates (
    language varchar, key varchar, phrase varchar, score double, z double,
    article_count bigint, policy_count bigint, prior_count bigint, prior_total bigint,
    day_count bigint, outlets varchar[], verb_count bigint, quote_count bigint,
    head_noun_count bigint, first_seen_on date, period_days integer, as_of date,
    examples varchar[], example_article_ids uuid[]
);
create table annotations.candidate_articles (
    language varchar, article_id uuid, keys varchar[]
);
-- the effects of changes of the word list, which no later build can compute again
create table annotations.lexicon_changes (
    theme_id varchar, month_start_on date, lexicon_before varchar, lexicon_after varchar,
    article_count_before bigint, article_count_after bigint, gained_count bigint,
    lost_count bigint, gained_by_phrase_ids varchar[], lost_with_phrase_ids varchar[]
);
-- breaks in an outlet's data that a person accepted
create table ops.accepted_breaks (
    publisher_id varchar, kind varchar, first_on date, reason varchar, accepted_at timestamptz
);
-- figures of closed periods that differ from a release, which no later build can compute again
create table annotations.revised_figures (
    release_id varchar, period varchar, start_on date, theme_id varchar, released_count bigint,
    revised_count bigint, released_about_count bigint, revised_about_count bigint,
    released_total_count bigint, revised_total_count bigint, reasons varchar[]
);
-- how often each prediction of the word list is true, estimated from coded articles
create table annotations.true_rates (
    theme_id varchar, language varchar, prediction varchar, coded_count double,
    pooled_count double, draws double[], assumes_perfect_coding boolean, rates_version varchar
);
