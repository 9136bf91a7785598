-- Which streams name whom, ever: so that whoever is erased is looked for there alone. A stream is listed once all whom it names have a row.

create table appearances (
    person text not null,
    stream text not null,
    primary key (person, stream)
) without rowid;

alter table streams add column listed integer not null default 0;

create index streams_unlisted on streams (stream) where listed = 0;
