-- Who is a member of what, as of each stream's head: asked without opening the stream.

create table memberships (
    person text not null,
    stream text not null,
    role text not null,
    since integer not null,
    primary key (person, stream)
) without rowid;

create index memberships_of on memberships (stream);
