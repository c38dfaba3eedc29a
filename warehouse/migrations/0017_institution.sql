-- Add the kind of body that a publisher is; null until the next nightly run has read the publishers
-- again.
alter table ref.publishers add column institution varchar;
