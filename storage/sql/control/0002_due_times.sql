-- When a closed workspace is to be opened because something is due in it; 0 for the next start: it
-- was open when this was written, and nobody can know what a crash left due.
create table due_times (
  workspace text primary key,
  due_at integer not null
) without rowid;
