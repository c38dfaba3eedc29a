-- Why a person released although the audit found rows missing; null: nothing was missing, as in all releases before.
alter table ops.releases add column accepted_loss varchar;
