-- Create the tables that Python writes. records.py mirrors raw, core and ops; seeds/*.csv mirror
-- ref. dbt creates the marts.
create schema if not exists ref;
create schema if not exists raw;
create schema if not exists core;
create schema if not exists marts;
create schema if not exists ops;

create table ops.schema_versions (version integer, name varchar, applied_at timestamptz);

create table raw.feeds (
    feed_id varchar, publisher_id varchar, url varchar, kind varchar, language varchar,
    topics varchar[], is_enabled boolean,
    has_full_text boolean, ignores_robots boolean, item_selector varchar, next_selector varchar,
    day_url varchar
);
create table raw.captures (
    capture_id uuid, url varchar, final_url varchar, kind varchar, feed_id varchar,
    publisher_id varchar, fetched_at timestamptz,
    outcome varchar, reason varchar, status integer, content_type varchar, digest varchar,
    byte_count bigint, warc_file varchar,
    warc_offset bigint, warc_length bigint, is_revisit boolean, origin varchar,
    covers_from timestamptz,
    covers_until timestamptz
);
create table raw.feed_entries (
    entry_id uuid, revision_hash varchar, feed_id varchar, capture_id uuid, guid varchar,
    url varchar, link_raw varchar,
    title varchar, summary varchar, authors varchar[], categories varchar[], language varchar,
    published_raw varchar,
    published_at timestamptz, updated_at timestamptz, date_quality varchar,
    first_seen_at timestamptz
);
create table raw.feed_states (
    feed_id varchar, url varchar, etag varchar, last_modified varchar, outcome varchar,
    reason varchar, last_polled_at timestamptz,
    last_success_at timestamptz, last_new_entry_at timestamptz, failure_count integer,
    next_poll_at timestamptz,
    interval_seconds bigint, moved_to varchar, moved_nights integer, retired_at timestamptz,
    entry_ids uuid[]
);
create table raw.robots (
    origin varchar, asked_at timestamptz, outcome varchar, reason varchar, text varchar,
    failing_since timestamptz
);
create table raw.feed_gaps (feed_id varchar, starts_at timestamptz, ends_at timestamptz,
    reason varchar);
create table core.extractions (
    capture_id uuid, url varchar, article_id uuid, outcome varchar, reason varchar,
    rules_version varchar, extracted_at timestamptz
);
create table core.articles (
    article_id uuid, publisher_id varchar, url varchar, title varchar, lead varchar,
    body_text varchar, authors varchar[],
    agencies varchar[], section varchar, place varchar, language varchar, published_at timestamptz,
    modified_at timestamptz,
    published_on date, date_quality varchar, first_seen_at timestamptz, word_count integer,
    content_hash varchar,
    extractor varchar, agreement double, is_truncated boolean, excluded_reason varchar,
    translation_key varchar,
    signature ubigint[], capture_id uuid
);
create table core.article_revisions (
    article_id uuid, content_hash varchar, seen_at timestamptz, title varchar, capture_id uuid,
    paragraphs_added varchar[], paragraphs_removed varchar[]
);
create table ops.releases (
    release_id varchar, released_at timestamptz, snapshot_id bigint, lexicon_version varchar,
    code_version varchar,
    run_id varchar, row_counts map(varchar, bigint), audit_passed integer, audit_warned integer
);

create table ref.publishers (
    publisher_id varchar, name varchar, country varchar, publisher_type varchar, time_zone varchar,
    domains varchar[]
);
create table ref.themes (
    theme_id varchar, parent_id varchar, label_en varchar, label_zh varchar, label_de varchar,
    cap_code integer, kind varchar,
    definition varchar, valid_from date, valid_to date, source varchar
);
create table ref.theme_phrases (
    phrase_id varchar, theme_id varchar, language varchar, phrase varchar, match_type varchar,
    role varchar,
    requires_any varchar, window_chars integer, exclude_regex varchar, valid_from date,
    valid_to date, source varchar,
    reviewed_by varchar
);
create table ref.speakers (
    person_id varchar, language varchar, name varchar, short_names varchar, office varchar,
    body varchar, valid_from date,
    valid_to date, source varchar
);
create table ref.baselines (baseline_id varchar, valid_from date, valid_to date,
    description varchar);
create table ref.evidence_words (language varchar, word varchar, kind varchar, source varchar);
create table ref.speech_verbs (language varchar, form varchar, lemma varchar, pattern varchar);
