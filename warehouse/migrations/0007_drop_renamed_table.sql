-- Drop the table that int_last_run_snapshots replaces. It exists only in lakes of earlier versions.
drop table if exists intermediate.int_built_snapshot;
