-- What analytics, audit and rights look up: stage history, activity counts, ranks of the change log
-- and the members. All of it but the members derives from what stands elsewhere; triggers keep it in
-- step within the same transaction.

-- -- stage history ---------------------------------------------------------------------------------

-- Each time a deal entered a stage, as the change log tells it.
create table stage_entries (
  deal integer not null, -- seq of the deal
  change integer not null, -- seq of the change
  stage text not null,
  entered_at integer not null,
  repeat_of integer, -- when the deal last entered this stage before; null the first time
  advanced integer not null default 0, -- 1 once the deal went on to a further stage or was won
  live integer not null, -- 0 while the deal is archived
  primary key (deal, change)
) without rowid;

-- Here and below: an index that also holds the columns of its condition spares a look at the table.
create index stage_entries_by_stage
  on stage_entries (stage, entered_at, repeat_of, advanced, live) where live = 1;
create index stage_entries_archived on stage_entries (entered_at, stage, deal, live)
  where live = 0;

create trigger stage_entries_look_back after insert on stage_entries begin
  update stage_entries set repeat_of = (
      select max(e.entered_at) from stage_entries e
      where e.deal = new.deal and e.change < new.change and e.stage = new.stage)
    where deal = new.deal and change = new.change;
  update stage_entries set advanced = 1
    where deal = new.deal and change < new.change and advanced = 0
      and (select s.outcome from stages s where s.name = new.stage) <> 'lost'
      and (select s.position from stages s where s.name = stage_entries.stage)
        < (select s.position from stages s where s.name = new.stage);
end;

-- The log is written behind the record, so the deal stands in its new stage by now.
create trigger stage_entries_follow_log after insert on changes when new.entity_type = 'deal' begin
  insert into stage_entries (deal, change, stage, entered_at, live)
    select d.seq, new.seq, d.stage, new.at, d.archived_at is null
    from deals d
    where d.id = new.entity_id and d.stage is not (
      select e.stage from stage_entries e where e.deal = d.seq order by e.change desc limit 1);
end;

create trigger stage_entries_follow_archive after update of archived_at on deals
when (old.archived_at is null) <> (new.archived_at is null) begin
  update stage_entries set live = new.archived_at is null where deal = new.seq;
end;

create trigger stage_entries_follow_purge after delete on deals begin
  delete from stage_entries where deal = old.seq;
end;

insert into stage_entries (deal, change, stage, entered_at, live)
  select d.seq, c.seq, json_extract(i.after, '$.stage'), c.at, d.archived_at is null
  from changes c join images i on i.seq = c.seq join deals d on d.id = c.entity_id
  where c.entity_type = 'deal' and json_extract(i.after, '$.stage') is not null
    and (json_extract(i.before, '$.stage')) is not (json_extract(i.after, '$.stage'))
  order by c.seq;

-- Everything that a sum over the pipeline needs, without touching the documents.
create index deals_pipeline
  on deals (stage, currency, value, probability, expected_close_at, archived_at)
  where archived_at is null;
create index deals_archived on deals (archived_at, stage, closed_at) where archived_at is not null;
create index deals_closed on deals (stage, closed_at, archived_at)
  where archived_at is null and closed_at is not null;
drop index deals_by_close;

-- -- activity counts -------------------------------------------------------------------------------

-- How many activities of a type fall into a stretch of 2^width ms of time, by owner and for all
-- ('*'): 36 hours, 4 minutes, half a second. A period of any length is counted by a few of them.
create table activity_counts (
  owner text not null,
  type text not null,
  width integer not null,
  stretch integer not null, -- occurred_at >> width
  n integer not null,
  primary key (owner, type, width, stretch)
) without rowid;

create trigger activities_count_insert after insert on activities begin
  insert into activity_counts
    select o.column1, new.type, w.column1, new.occurred_at >> w.column1, 1
    from (values ('*'), ('@' || new.owner)) o, (values (27), (18), (9)) w where true
    on conflict do update set n = n + 1;
end;

insert into activity_counts
  select '*', a.type, w.column1, a.occurred_at >> w.column1, count(*)
  from activities a, (values (27), (18), (9)) w group by 2, 3, 4;
insert into activity_counts
  select '@' || a.owner, a.type, w.column1, a.occurred_at >> w.column1, count(*)
  from activities a, (values (27), (18), (9)) w group by 1, 2, 3, 4;

-- The ends of a period, and what tasks are still open.
create index activities_by_owner on activities (owner, type, occurred_at);
create index activities_open_tasks on activities (occurred_at, due_at, owner, type, completed_at)
  where type = 'task' and completed_at is null;

-- -- ranks of the change log -----------------------------------------------------------------------

-- The how-manieth of its type, of its actor and of both a change is: how many changes lie between
-- two places of the log is the difference of two ranks, at any size.
create table change_ranks (
  seq integer primary key references changes (seq),
  of_type integer not null,
  of_actor integer not null,
  of_both integer not null
);

create index changes_by_type_and_actor on changes (entity_type, actor);
create index changes_by_time on changes (at);

create trigger change_ranks_follow_log after insert on changes begin
  insert into change_ranks values (
    new.seq,
    1 + coalesce((select of_type from change_ranks where seq = (
      select max(c.seq) from changes c indexed by changes_by_type
      where c.entity_type = new.entity_type and c.seq < new.seq)), 0),
    1 + coalesce((select of_actor from change_ranks where seq = (
      select max(c.seq) from changes c indexed by changes_by_actor
      where c.actor = new.actor and c.seq < new.seq)), 0),
    1 + coalesce((select of_both from change_ranks where seq = (
      select max(c.seq) from changes c indexed by changes_by_type_and_actor
      where c.entity_type = new.entity_type and c.actor = new.actor and c.seq < new.seq)), 0));
end;

insert into change_ranks
  select seq,
    row_number() over (partition by entity_type order by seq),
    row_number() over (partition by actor order by seq),
    row_number() over (partition by entity_type, actor order by seq)
  from changes;

-- -- counts by reference ---------------------------------------------------------------------------

create trigger contacts_tally_company_id_insert after insert on contacts
when new.company_id is not null begin
  insert into tallies values ('contact', 'companyId', new.company_id, 1)
    on conflict do update set n = n + 1;
end;

create trigger contacts_tally_company_id_leave after update on contacts
when old.archived_at is null and old.company_id is not null
  and (new.archived_at is not null or new.company_id is not old.company_id) begin
  update tallies set n = n - 1
    where entity = 'contact' and facet = 'companyId' and value = old.company_id;
end;

create trigger contacts_tally_company_id_enter after update on contacts
when new.archived_at is null and new.company_id is not null
  and (old.archived_at is not null or new.company_id is not old.company_id) begin
  insert into tallies values ('contact', 'companyId', new.company_id, 1)
    on conflict do update set n = n + 1;
end;

insert into tallies select 'contact', 'companyId', company_id, count(*) from contacts
  where archived_at is null and company_id is not null group by company_id;

create trigger deals_tally_contact_id_insert after insert on deals
when new.contact_id is not null begin
  insert into tallies values ('deal', 'contactId', new.contact_id, 1)
    on conflict do update set n = n + 1;
end;

create trigger deals_tally_contact_id_leave after update on deals
when old.archived_at is null and old.contact_id is not null
  and (new.archived_at is not null or new.contact_id is not old.contact_id) begin
  update tallies set n = n - 1
    where entity = 'deal' and facet = 'contactId' and value = old.contact_id;
end;

create trigger deals_tally_contact_id_enter after update on deals
when new.archived_at is null and new.contact_id is not null
  and (old.archived_at is not null or new.contact_id is not old.contact_id) begin
  insert into tallies values ('deal', 'contactId', new.contact_id, 1)
    on conflict do update set n = n + 1;
end;

insert into tallies select 'deal', 'contactId', contact_id, count(*) from deals
  where archived_at is null and contact_id is not null group by contact_id;

create trigger deals_tally_company_id_insert after insert on deals
when new.company_id is not null begin
  insert into tallies values ('deal', 'companyId', new.company_id, 1)
    on conflict do update set n = n + 1;
end;

create trigger deals_tally_company_id_leave after update on deals
when old.archived_at is null and old.company_id is not null
  and (new.archived_at is not null or new.company_id is not old.company_id) begin
  update tallies set n = n - 1
    where entity = 'deal' and facet = 'companyId' and value = old.company_id;
end;

create trigger deals_tally_company_id_enter after update on deals
when new.archived_at is null and new.company_id is not null
  and (old.archived_at is not null or new.company_id is not old.company_id) begin
  insert into tallies values ('deal', 'companyId', new.company_id, 1)
    on conflict do update set n = n + 1;
end;

insert into tallies select 'deal', 'companyId', company_id, count(*) from deals
  where archived_at is null and company_id is not null group by company_id;

create trigger activities_tally_contact_id_insert after insert on activities
when new.contact_id is not null begin
  insert into tallies values ('activity', 'contactId', new.contact_id, 1)
    on conflict do update set n = n + 1;
end;

insert into tallies select 'activity', 'contactId', contact_id, count(*) from activities
  where contact_id is not null group by contact_id;

create trigger activities_tally_deal_id_insert after insert on activities
when new.deal_id is not null begin
  insert into tallies values ('activity', 'dealId', new.deal_id, 1)
    on conflict do update set n = n + 1;
end;

insert into tallies select 'activity', 'dealId', deal_id, count(*) from activities
  where deal_id is not null group by deal_id;

create trigger activities_tally_company_id_insert after insert on activities
when new.company_id is not null begin
  insert into tallies values ('activity', 'companyId', new.company_id, 1)
    on conflict do update set n = n + 1;
end;

insert into tallies select 'activity', 'companyId', company_id, count(*) from activities
  where company_id is not null group by company_id;

-- Two filters at once.
create index contacts_by_company_and_type on contacts (company_id, type, archived_at)
  where archived_at is null and company_id is not null;
create index deals_by_company_and_stage on deals (company_id, stage, archived_at)
  where archived_at is null and company_id is not null;
create index deals_by_contact_and_company on deals (contact_id, company_id, stage, archived_at)
  where archived_at is null and contact_id is not null;

-- -- members ---------------------------------------------------------------------------------------

create table members (
  seq integer primary key,
  id text not null unique,
  version integer not null,
  archived_at integer, -- when the member was removed
  doc text not null,
  user_id text not null,
  role text not null check (role in ('owner', 'admin', 'editor', 'viewer'))
);

create unique index members_live on members (user_id) where archived_at is null;
create index members_by_user on members (user_id);

create trigger members_tally_insert after insert on members begin
  insert into tallies values ('member', '', '', 1) on conflict do update set n = n + 1;
end;

create trigger members_tally_leave after update on members
when old.archived_at is null and new.archived_at is not null begin
  update tallies set n = n - 1 where entity = 'member' and facet = '' and value = '';
end;

-- -- tallies -----------------------------------------------------------------------------------------

-- A value that no record has any more is forgotten: a purge must leave nothing of it.
create trigger tallies_forget after update of n on tallies when new.n <= 0 begin
  delete from tallies
    where entity = new.entity and facet = new.facet and value = new.value;
end;
