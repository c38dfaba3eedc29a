-- Store how many articles of the 28 days contained a phrase when it was reviewed; null means
-- unknown, as for all earlier reviews.
alter table ref.candidate_reviews add column article_count integer;
