-- Hosts that asked to be left alone, and until when: every later stage and night heeds it.
create table raw.host_pauses (host varchar, ends_at timestamptz);
