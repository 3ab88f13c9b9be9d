-- The text indexes follow the change log: up to this change they have every text.
insert into meta (key, value) select 'indexed_until', coalesce(max(seq), 0) from changes;
