-- Hosts that demanded a pause, and its end; all later stages and runs respect it.
create table raw.host_pauses (host varchar, ends_at timestamptz);
