-- The user's reason for releasing despite missing rows; null: no rows were missing.
alter table ops.releases add column accepted_loss varchar;
