-- Rows are indexed under other words than before (server/journal/words.py): the projection is made anew from the commits, as in 0003.

alter table projected rename to positions;
truncate positions, public_rows;
