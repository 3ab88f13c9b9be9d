-- What the router must know before any workspace is opened: which workspaces there are, and which
-- token speaks for whom. A token itself is never stored.
create table workspaces (
  id text primary key,
  name text not null,
  created_at integer not null
) without rowid;

create table tokens (
  digest blob primary key, -- SHA-256 of the token
  id text not null unique,
  workspace text not null references workspaces (id),
  actor text not null,
  scopes text not null,
  created_at integer not null,
  expires_at integer,
  revoked_at integer
) without rowid;

-- What the server signs with; it outlives restarts, so that what was signed before still counts.
create table secrets (
  name text primary key,
  value blob not null
) without rowid;
