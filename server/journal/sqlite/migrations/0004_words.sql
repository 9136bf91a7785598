-- Rows are indexed under other words than before (server/journal/words.py): the projection is made anew from the commits.

alter table projections rename to projected;
delete from projected;
delete from public_rows;
delete from public_words;
