-- What people read one after the other, and who wrote it: what is unread is counted in the index, without what is one's own.

alter table public_rows add column place bigint not null default 0;
alter table public_rows add column author text collate "C" not null default '';
create index public_rows_read on public_rows (stream, place, author) where place > 0;

-- Up to where people have read.

create table positions (
    person text collate "C" not null,
    stream text collate "C" not null,
    n bigint not null,
    primary key (person, stream)
);

create index positions_in on positions (stream);
