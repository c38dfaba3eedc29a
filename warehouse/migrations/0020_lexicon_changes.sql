-- Store the effects of changes of the word list, which no later build can compute again.
create table annotations.lexicon_changes (
    theme_id varchar,
    month_start_on date,
    lexicon_before varchar,
    lexicon_after varchar,
    article_count_before bigint,
    article_count_after bigint,
    gained_count bigint,
    lost_count bigint,
    gained_by_phrase_ids varchar[],
    lost_with_phrase_ids varchar[]
);
