-- Add the rule by which a general word counts. Null means that every occurrence counts, as for all
-- earlier phrases.
alter table ref.theme_phrases add column salience varchar;
