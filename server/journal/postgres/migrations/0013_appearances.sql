-- Which streams name whom, ever: so that whoever is erased is looked for there alone. A stream is listed once all whom it names have a row.

create table appearances (
    person text collate "C" not null,
    stream text collate "C" not null,
    primary key (person, stream)
);

alter table streams add column listed boolean not null default false;

create index streams_unlisted on streams (stream) where not listed;
