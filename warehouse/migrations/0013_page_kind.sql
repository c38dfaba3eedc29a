-- Store the kind of the page from which an article was read; null means unknown, as for all earlier
-- articles.
alter table core.articles add column page_kind varchar;
