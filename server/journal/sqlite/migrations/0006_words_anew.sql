-- Rows are indexed under other words than before (server/journal/words.py): the projection is made anew from the commits, as in 0004.

alter table projected rename to positions;
delete from positions;
delete from public_rows;
delete from public_words;
