-- What a redaction is about to put in the place of what was, prepared by slices while others write; of streams that stand in `rewriting` it
-- holds already, and is put in its place by slices, too.

create table rewriting (stream text primary key) without rowid;

create table rewritten_commits (
    stream text not null,
    seq integer not null,
    format integer not null,
    at integer not null,
    events blob not null,
    primary key (stream, seq)
);

create table rewritten_sealed (
    stream text not null,
    id text not null,
    format integer not null,
    entity blob not null,
    primary key (stream, id)
);

-- `record` null: the row goes; `words` null: those of the index stay.
create table rewritten_rows (
    number integer primary key,
    stream text not null,
    n integer not null,
    text text not null,
    record blob,
    words text
);

create index rewritten_rows_of on rewritten_rows (stream, number);
