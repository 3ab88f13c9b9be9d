-- The program says how much FTS5 merges, a little with every turn of writing (storage/pending_texts):
-- left alone it merges for 30 ms at once. Eight parts of an index are merged into one, not four.
insert into contacts_text (contacts_text, rank) values ('automerge', 0), ('usermerge', 8);
insert into companies_text (companies_text, rank) values ('automerge', 0), ('usermerge', 8);
insert into deals_text (deals_text, rank) values ('automerge', 0), ('usermerge', 8);
insert into records_text (records_text, rank) values ('automerge', 0), ('usermerge', 8);
