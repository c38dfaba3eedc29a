-- Pages that were taken out for good: what is listed here is neither fetched, kept nor cleaned again.
create table raw.forgotten (url varchar, article_id uuid, forgotten_at timestamptz, finished_at timestamptz);
