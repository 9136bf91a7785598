-- How far each consumer of the commits is in each stream, whom what concerns, and when a stream is due by time alone. The projection is made
-- anew from the commits: what it holds is more now.

create table checkpoints (
    consumer text collate "C" not null,
    stream text collate "C" not null,
    seq bigint not null,
    primary key (consumer, stream)
);

create table waiting (
    consumer text collate "C" not null,
    stream text collate "C" not null,
    target text collate "C" not null,
    seq bigint not null,
    primary key (consumer, stream, target)
);

create table wakeups (
    stream text collate "C" primary key,
    at bigint not null
);

create index wakeups_at on wakeups (at);

create table notices (
    owner text collate "C" not null,
    stream text collate "C" not null,
    seq bigint not null,
    about text collate "C" not null,
    kind text collate "C" not null,
    scope text collate "C" not null,
    primary key (owner, stream, seq, about, kind)
);

create index notices_of on notices (stream);

create table stakes (
    owner text collate "C" not null,
    stream text collate "C" not null,
    about text collate "C" not null,
    role text collate "C" not null,
    primary key (owner, stream, about)
);

create index stakes_in on stakes (stream);

drop table projected_heads;
