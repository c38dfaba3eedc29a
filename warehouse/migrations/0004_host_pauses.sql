-- Store the hosts that requested a pause (Retry-After) and its end. All later stages and runs
-- respect it.
create table raw.host_pauses (host varchar, ends_at timestamptz);
