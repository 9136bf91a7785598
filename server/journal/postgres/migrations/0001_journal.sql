-- The truth: what happened in each stream, in order, for ever.

-- Half-empty pages: each append moves a head, in place, without touching an index.
create table streams (
    stream text collate "C" primary key,
    head bigint not null,
    incarnation text not null default replace(gen_random_uuid()::text, '-', '')
) with (fillfactor = 50);

create table commits (
    stream text collate "C" not null,
    seq bigint not null check (seq > 0),
    format integer not null check (format between 0 and 32767),
    at bigint not null check (at between 0 and 9007199254740991),
    events bytea not null,
    primary key (stream, seq)
);

create table command_keys (
    stream text collate "C" not null,
    key bytea not null check (octet_length(key) = 16),
    seq bigint not null,
    primary key (stream, key)
);

create table sealed (
    stream text collate "C" not null,
    id text collate "C" not null,
    entity bytea not null,
    primary key (stream, id)
);

-- A cache, thrown away at will.

create table snapshots (
    stream text collate "C" not null,
    version text collate "C" not null,
    incarnation text not null,
    seq bigint not null,
    state bytea not null,
    primary key (stream, version)
);

create table codes (
    code text collate "C" primary key,
    room text collate "C" not null
);

-- The projection: rebuilt from the commits at will. Its position is not a column of `streams`, because there the
-- projector would compete with appends for the row.

create table projections (
    stream text collate "C" primary key,
    seq bigint not null
);

-- `words` holds words already stemmed and without accents, and the stream's name as one of them
-- (server/journal/words.py).
create table public_rows (
    stream text collate "C" not null,
    id text collate "C" not null,
    kind text collate "C" not null,
    n bigint not null,
    text text not null,
    record bytea not null,
    words tsvector not null,
    primary key (stream, id)
);

create index public_rows_page on public_rows (stream, kind, n);
create index public_rows_words on public_rows using gin (words);
