-- Workflows, their versions, and their runs. A run is added in the transaction of the change that
-- triggers it; the journal of its steps is the only truth about how far it got.
create table workflows (
  seq integer primary key,
  id text not null unique,
  version integer not null,
  archived_at integer,
  doc text not null,
  active integer not null,
  definition integer not null -- the version in workflow_versions that new runs take
);

create index workflows_by_active on workflows (active);

-- What a run executes. Never changed: a run keeps the version that it began with.
create table workflow_versions (
  workflow text not null,
  version integer not null,
  trigger text not null,
  actions text not null,
  author text not null, -- in whose name the steps act
  scopes text not null, -- what the author's token reached when the version was written
  vouched_by text not null check (vouched_by in ('token', 'transport')), -- for the author's name
  created_at integer not null,
  primary key (workflow, version)
) without rowid;

create table executions (
  seq integer primary key,
  id text not null unique,
  workflow text not null,
  version integer not null,
  -- pending: waits for its turn or its time; running: its actor is at work
  status text not null check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
  event text not null, -- what triggered it: 'change:17', 'schedule:1795305600000'
  change_seq integer, -- the change that triggered it; its images are the trigger's before and after
  input text not null, -- the rest of what templates see of the trigger, JSON
  depth integer not null, -- runs that stand between it and the event that began it all
  root text not null, -- the first run of the chain; '' when it is this one
  chain text not null, -- workflow and record of every run above it, '|' between them
  parked integer not null default 0, -- its workflow is paused
  due_at integer, -- when its next step may run; null once it has ended
  created_at integer not null,
  started_at integer,
  ended_at integer,
  error text, -- JSON
  replay_of text,
  unique (workflow, event)
);

create index executions_due on executions (due_at) where due_at is not null and parked = 0;
create index executions_unfinished on executions (workflow) where due_at is not null;
create index executions_by_workflow on executions (workflow);
create index executions_by_status on executions (status);
create index executions_by_root on executions (root) where root <> '';
create index executions_by_replay on executions (replay_of) where replay_of is not null;

-- The journal: one row per attempt of a step.
create table steps (
  seq integer primary key,
  execution integer not null references executions (seq),
  step text not null, -- the action's order, then the iteration of every for_each around it: 3[0]
  attempt integer not null,
  action text not null,
  state text not null check (state in ('running', 'waiting', 'succeeded', 'failed', 'continued')),
  started_at integer not null,
  finished_at integer,
  next_attempt_at integer,
  output text, -- JSON
  error text, -- JSON
  unique (execution, step, attempt)
);

-- The one body that goes out under a webhook's id, kept before the first attempt sends it.
create table deliveries (
  id text primary key,
  execution integer not null,
  step text not null,
  url text not null,
  body text not null
) without rowid;

-- Times at which a workflow is triggered: of a schedule (record = ''), or of a date in a record.
create table timers (
  workflow text not null,
  record text not null,
  due_at integer not null,
  primary key (workflow, record)
) without rowid;

create index timers_due on timers (due_at);
