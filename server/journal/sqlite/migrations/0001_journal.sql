-- The truth: what happened in each stream, in order, for ever.

create table streams (
    stream text primary key,
    head integer not null,
    incarnation text not null default (lower(hex(randomblob(8))))
) without rowid;

create table commits (
    stream text not null,
    seq integer not null check (seq > 0),
    format integer not null check (format between 0 and 32767),
    at integer not null check (at between 0 and 9007199254740991),
    events blob not null,
    primary key (stream, seq)
);

create table command_keys (
    stream text not null,
    key blob not null check (length(key) = 16),
    seq integer not null,
    primary key (stream, key)
) without rowid;

create table sealed (
    stream text not null,
    id text not null,
    entity blob not null,
    primary key (stream, id)
);

-- A cache, thrown away at will.

create table snapshots (
    stream text not null,
    version text not null,
    incarnation text not null,
    seq integer not null,
    state blob not null,
    primary key (stream, version)
);

create table codes (
    code text primary key,
    room text not null
) without rowid;

-- The projection: rebuilt from the commits at will. Its position is not a column of `streams`, because there the
-- projector would compete with appends for the row.

create table projections (
    stream text primary key,
    seq integer not null
) without rowid;

create table public_rows (
    number integer primary key,
    stream text not null,
    id text not null,
    kind text not null,
    n integer not null,
    text text not null,
    record blob not null,
    unique (stream, id)
);

create index public_rows_page on public_rows (stream, kind, n);

-- Words already stemmed, without accents, in ASCII, and the stream's name as one of them (server/journal/words.py).
create virtual table public_words using fts5 (words, tokenize = 'ascii', detail = none, columnsize = 0);
