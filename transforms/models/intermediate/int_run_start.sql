-- One row: the newest lake snapshot at the start of this run. Later snapshots contain this run's own writes, or writes that the
-- next run processes.
{{ config(materialized='table', database='memory') }}

select max(snapshot_id) as snapshot_id
from lake.snapshots()
