-- Rows are indexed under other words than before (server/journal/words.py): the projection is made anew from the commits. The table has
-- another name from now on, so that a worker of an older release, which still runs, writes no row in its own words among them.

alter table projections rename to projected;
truncate projected, public_rows;
