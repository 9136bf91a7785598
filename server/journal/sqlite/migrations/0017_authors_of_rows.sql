-- Who wrote what people read one after the other: what is unread is counted without what is one's own, and without reading a record.

alter table public_rows add column author text not null default '';
drop index public_rows_page;
create index public_rows_page on public_rows (stream, kind, n, author);

alter table rewritten_rows add column author text not null default '';

-- Up to where people have read.

create table positions (
    person text not null,
    stream text not null,
    n integer not null,
    primary key (person, stream)
) without rowid;

create index positions_in on positions (stream);
