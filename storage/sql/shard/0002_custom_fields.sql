-- What a workspace defines itself: fields of its contacts, companies, deals and activities, and
-- custom objects with their records. Definitions are deleted for good; they are never archived.
create table custom_fields (
  seq integer primary key,
  id text not null unique,
  version integer not null,
  archived_at integer,
  doc text not null,
  entity_type text not null,
  key text not null,
  unique (entity_type, key)
);

create table custom_objects (
  seq integer primary key,
  id text not null unique,
  version integer not null,
  archived_at integer,
  doc text not null,
  object_type text not null unique
);

create table records (
  seq integer primary key,
  id text not null unique,
  version integer not null,
  archived_at integer,
  doc text not null,
  object_type text not null
);

create index records_by_type on records (object_type) where archived_at is null;
create index records_live on records (archived_at);

-- `kind` holds one word that names the custom object, so that a search stays within it.
create virtual table records_text using fts5 (
  title, body, kind, content = '', tokenize = 'unicode61 remove_diacritics 2'
);

create trigger records_tally_insert after insert on records begin
  insert into tallies values ('custom_object_record', '', '', 1),
    ('custom_object_record', 'objectType', new.object_type, 1)
    on conflict do update set n = n + 1;
end;

create trigger records_tally_leave after update on records
when old.archived_at is null and new.archived_at is not null begin
  update tallies set n = n - 1 where entity = 'custom_object_record'
    and ((facet = '' and value = '') or (facet = 'objectType' and value = old.object_type));
end;

create trigger records_tally_enter after update on records
when new.archived_at is null and old.archived_at is not null begin
  update tallies set n = n + 1 where entity = 'custom_object_record'
    and ((facet = '' and value = '') or (facet = 'objectType' and value = new.object_type));
end;
