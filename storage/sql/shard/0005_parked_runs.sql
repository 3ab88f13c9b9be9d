-- Parking takes the runs that are due and unparking those that are parked: an index of all that are
-- unfinished serves neither.
drop index executions_unfinished;
create index executions_parked on executions (workflow) where parked = 1;
