-- URLs of removed pages, which are not fetched, stored or cleaned again.
create table raw.forgotten (url varchar, article_id uuid, forgotten_at timestamptz, finished_at timestamptz);
