-- The log has no gaps and its time never goes back: a time is found by halving (storage/audit), and
-- no change has to be written to an index for it.
drop index changes_by_time;
