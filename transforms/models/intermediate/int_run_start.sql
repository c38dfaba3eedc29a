-- One row: the lake's newest snapshot as this run begins. What is written after it is this run's own, or the next one's to see.
{{ config(materialized='table', database='memory') }}

select max(snapshot_id) as snapshot_id
from lake.snapshots()
