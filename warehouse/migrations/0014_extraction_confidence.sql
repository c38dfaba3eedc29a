-- Add the probability that an article's text is right, and the main reason for a low one; null for
-- all articles cleaned before.
alter table core.articles add column extraction_confidence double;
alter table core.articles add column extraction_doubt varchar;
