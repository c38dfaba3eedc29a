-- Add the pages of documents, and the document to which a page only leads; null for all earlier
-- rows, which are web pages.
alter table core.articles add column page_offsets integer[];
alter table core.extractions add column document_url varchar;
alter table core.extractions add column document_id uuid;
