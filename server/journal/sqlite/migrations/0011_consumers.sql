-- How far each consumer of the commits is in each stream, whom what concerns, and when a stream is due by time alone. The projection is made
-- anew from the commits: what it holds is more now.

create table checkpoints (
    consumer text not null,
    stream text not null,
    seq integer not null,
    primary key (consumer, stream)
) without rowid;

create table waiting (
    consumer text not null,
    stream text not null,
    target text not null,
    seq integer not null,
    primary key (consumer, stream, target)
) without rowid;

create table wakeups (
    stream text primary key,
    at integer not null
) without rowid;

create index wakeups_at on wakeups (at);

create table notices (
    owner text not null,
    stream text not null,
    seq integer not null,
    about text not null,
    kind text not null,
    scope text not null,
    primary key (owner, stream, seq, about, kind)
) without rowid;

create index notices_of on notices (stream);

create table stakes (
    owner text not null,
    stream text not null,
    about text not null,
    role text not null,
    primary key (owner, stream, about)
) without rowid;

create index stakes_in on stakes (stream);

drop table projected_heads;
