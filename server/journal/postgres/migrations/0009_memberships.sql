-- Who is a member of what, as of each stream's head: asked without opening the stream.

create table memberships (
    person text collate "C" not null,
    stream text collate "C" not null,
    role text collate "C" not null,
    since bigint not null,
    primary key (person, stream)
);

create index memberships_of on memberships (stream);
