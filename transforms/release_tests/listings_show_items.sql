-- Warn for each listing whose selectors matched nothing, or only old items, at its last poll.
--
-- The release is complete without it, but the days of its publisher count as gaps until its row has
-- other selectors.
{{ config(severity='warn') }}

select states.feed_id, states.reason, states.last_success_at
from lake.raw.feed_states as states
inner join lake.raw.feeds as feeds on states.feed_id = feeds.feed_id
where states.outcome = 'no_items' and feeds.is_enabled
