-- Rows are numbered as they come, for the search of many streams (`Journal.search_many`): a row that is updated keeps its number. A sequence
-- by itself and not an identity column: PostgreSQL gives none to a table that is partitioned already before version 17, and
-- `partition.sql` would begin another one anew, which gives numbers twice.

create sequence public_rows_number;
alter table public_rows add column number bigint not null default nextval('public_rows_number');

-- Beside its words a row is found by the block of numbers that its own is in, so that the newest rows can be gathered alone.
drop index public_rows_words;
create index public_rows_words on public_rows using gin (words, (array[number >> 12]));
