-- Store the reason for a release with missing rows. Null means that no rows were missing, as in all
-- earlier releases.
alter table ops.releases add column accepted_loss varchar;
