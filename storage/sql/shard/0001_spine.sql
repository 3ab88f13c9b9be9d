-- One workspace's file. A record stands once as the JSON document that callers receive (doc); the
-- other columns are what lists, counts and analytics look up.
create table meta (
  key text primary key,
  value not null
) without rowid;

-- -- the change log ------------------------------------------------------------------------------

create table changes (
  seq integer primary key,
  at integer not null,
  actor text not null,
  client text not null,
  request text not null,
  tool text not null,
  entity_type text not null,
  entity_id text not null,
  action text not null,
  cause text not null,
  reason text not null,
  before_digest blob, -- SHA-256 of the image; null where there was none
  after_digest blob,
  previous blob not null, -- hash of the row before
  hash blob not null
);

create index changes_by_entity on changes (entity_id);
create index changes_by_type on changes (entity_type);
create index changes_by_actor on changes (actor);

create trigger changes_refuse_update before update on changes begin
  select raise(abort, 'the change log is append-only');
end;

create trigger changes_refuse_delete before delete on changes begin
  select raise(abort, 'the change log is append-only');
end;

-- Beside the log, so that a purge can erase what was recorded while the chain still verifies.
create table images (
  seq integer primary key references changes (seq),
  before text,
  after text
);

-- -- counts that lists answer ----------------------------------------------------------------------

-- Live records by entity and facet; kept by the triggers below, so that a total is one look-up.
create table tallies (
  entity text not null,
  facet text not null, -- '' for all, else the column that is counted
  value text not null,
  n integer not null,
  primary key (entity, facet, value)
) without rowid;

-- -- custom field values --------------------------------------------------------------------------

-- The customFields of live records, so that looking one up costs the same at any size. Arrays stand
-- with one row per item.
create table custom_values (
  entity text not null,
  key text not null,
  value text not null, -- as JSON text
  seq integer not null, -- of the record
  primary key (entity, key, value, seq)
) without rowid;

create trigger custom_values_tally_insert after insert on custom_values begin
  insert into tallies values (new.entity, 'customFields.' || new.key, new.value, 1)
    on conflict do update set n = n + 1;
end;

create trigger custom_values_tally_delete after delete on custom_values begin
  update tallies set n = n - 1 where entity = old.entity
    and facet = 'customFields.' || old.key and value = old.value;
end;

-- -- contacts --------------------------------------------------------------------------------------

create table contacts (
  seq integer primary key,
  id text not null unique,
  version integer not null,
  archived_at integer,
  doc text not null,
  type text not null,
  company_id text,
  email text -- normalised
);

create index contacts_live on contacts (archived_at);
create index contacts_by_type on contacts (type) where archived_at is null;
create index contacts_by_company on contacts (company_id)
  where archived_at is null and company_id is not null;
create index contacts_by_email on contacts (email) where archived_at is null and email is not null;

create virtual table contacts_text using fts5 (
  title, body, content = '', tokenize = 'unicode61 remove_diacritics 2'
);
insert into contacts_text (contacts_text, rank) values ('rank', 'bm25(10.0, 1.0)');

create trigger contacts_tally_insert after insert on contacts begin
  insert into tallies values ('contact', '', '', 1), ('contact', 'type', new.type, 1)
    on conflict do update set n = n + 1;
end;

create trigger contacts_tally_leave after update on contacts
when old.archived_at is null and (new.archived_at is not null or new.type <> old.type) begin
  update tallies set n = n - 1 where entity = 'contact'
    and ((facet = '' and value = '') or (facet = 'type' and value = old.type));
end;

create trigger contacts_tally_enter after update on contacts
when new.archived_at is null and (old.archived_at is not null or new.type <> old.type) begin
  insert into tallies values ('contact', '', '', 1), ('contact', 'type', new.type, 1)
    on conflict do update set n = n + 1;
end;

-- -- companies -------------------------------------------------------------------------------------

create table companies (
  seq integer primary key,
  id text not null unique,
  version integer not null,
  archived_at integer,
  doc text not null,
  industry text not null, -- '' where there is none
  domain text -- normalised
);

create index companies_live on companies (archived_at);
create index companies_by_industry on companies (industry) where archived_at is null;
create index companies_by_domain on companies (domain)
  where archived_at is null and domain is not null;

create virtual table companies_text using fts5 (
  title, body, content = '', tokenize = 'unicode61 remove_diacritics 2'
);
insert into companies_text (companies_text, rank) values ('rank', 'bm25(10.0, 1.0)');

create trigger companies_tally_insert after insert on companies begin
  insert into tallies values ('company', '', '', 1), ('company', 'industry', new.industry, 1)
    on conflict do update set n = n + 1;
end;

create trigger companies_tally_leave after update on companies
when old.archived_at is null and (new.archived_at is not null or new.industry <> old.industry) begin
  update tallies set n = n - 1 where entity = 'company'
    and ((facet = '' and value = '') or (facet = 'industry' and value = old.industry));
end;

create trigger companies_tally_enter after update on companies
when new.archived_at is null and (old.archived_at is not null or new.industry <> old.industry) begin
  insert into tallies values ('company', '', '', 1), ('company', 'industry', new.industry, 1)
    on conflict do update set n = n + 1;
end;

-- -- deals -----------------------------------------------------------------------------------------

create table stages (
  position integer primary key,
  name text not null unique,
  probability real not null, -- percent, the default of a deal that enters the stage
  outcome text not null check (outcome in ('open', 'won', 'lost'))
);

insert into stages values
  (1, 'lead', 10, 'open'),
  (2, 'qualified', 25, 'open'),
  (3, 'proposal', 50, 'open'),
  (4, 'negotiation', 75, 'open'),
  (5, 'won', 100, 'won'),
  (6, 'lost', 0, 'lost');

create table deals (
  seq integer primary key,
  id text not null unique,
  version integer not null,
  archived_at integer,
  doc text not null,
  stage text not null,
  contact_id text,
  company_id text,
  value real,
  currency text not null,
  probability real not null,
  expected_close_at integer,
  closed_at integer
);

create index deals_live on deals (archived_at);
create index deals_by_stage on deals (stage) where archived_at is null;
create index deals_by_contact on deals (contact_id)
  where archived_at is null and contact_id is not null;
create index deals_by_company on deals (company_id)
  where archived_at is null and company_id is not null;
create index deals_by_close on deals (closed_at) where archived_at is null and closed_at is not null;

create virtual table deals_text using fts5 (
  title, body, content = '', tokenize = 'unicode61 remove_diacritics 2'
);
insert into deals_text (deals_text, rank) values ('rank', 'bm25(10.0, 1.0)');

create trigger deals_tally_insert after insert on deals begin
  insert into tallies values ('deal', '', '', 1), ('deal', 'stage', new.stage, 1)
    on conflict do update set n = n + 1;
end;

create trigger deals_tally_leave after update on deals
when old.archived_at is null and (new.archived_at is not null or new.stage <> old.stage) begin
  update tallies set n = n - 1 where entity = 'deal'
    and ((facet = '' and value = '') or (facet = 'stage' and value = old.stage));
end;

create trigger deals_tally_enter after update on deals
when new.archived_at is null and (old.archived_at is not null or new.stage <> old.stage) begin
  insert into tallies values ('deal', '', '', 1), ('deal', 'stage', new.stage, 1)
    on conflict do update set n = n + 1;
end;

-- -- activities ------------------------------------------------------------------------------------

create table activities (
  seq integer primary key,
  id text not null unique,
  version integer not null,
  archived_at integer,
  doc text not null,
  type text not null,
  contact_id text,
  deal_id text,
  company_id text,
  owner text not null,
  occurred_at integer not null,
  due_at integer,
  completed_at integer
);

create index activities_live on activities (archived_at);
create index activities_by_contact on activities (contact_id) where contact_id is not null;
create index activities_by_deal on activities (deal_id) where deal_id is not null;
create index activities_by_company on activities (company_id) where company_id is not null;
create index activities_by_type on activities (type, occurred_at);

create trigger activities_tally_insert after insert on activities begin
  insert into tallies values ('activity', '', '', 1), ('activity', 'type', new.type, 1)
    on conflict do update set n = n + 1;
end;
