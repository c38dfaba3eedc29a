-- Drop the tables in which earlier versions recorded what they had built. intermediate.last_build
-- replaces them.
drop table if exists intermediate.int_last_run_snapshots;
drop table if exists intermediate.int_built_days;
drop table if exists intermediate.int_statements_built;
drop table if exists intermediate.int_candidates_built;
drop table if exists intermediate.int_tagged_phrases;
