-- Runs that a change triggered, noted in its transaction. To look a run up takes six indexes, which
-- whoever writes should not have to wait for: they are written when the run's turn comes, or when
-- somebody asks for runs.
create table triggered_runs (
  seq integer primary key,
  id text not null,
  workflow text not null,
  version integer not null,
  change_seq integer not null,
  chain text not null,
  created_at integer not null
);
