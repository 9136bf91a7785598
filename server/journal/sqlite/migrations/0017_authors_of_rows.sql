-- What people read one after the other, and who wrote it: what is unread is counted in the index, without what is one's own.

alter table public_rows add column place integer not null default 0;
alter table public_rows add column author text not null default '';
create index public_rows_read on public_rows (stream, place, author) where place > 0;

alter table rewritten_rows add column place integer not null default 0;
alter table rewritten_rows add column author text not null default '';

-- Up to where people have read.

create table positions (
    person text not null,
    stream text not null,
    n integer not null,
    primary key (person, stream)
) without rowid;

create index positions_in on positions (stream);
