-- Store the pages that `tidings forget` deleted. They are never fetched, stored or extracted again.
create table raw.forgotten (url varchar, article_id uuid, forgotten_at timestamptz,
    finished_at timestamptz);
