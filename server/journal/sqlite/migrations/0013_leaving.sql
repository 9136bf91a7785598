-- Who has asked to be erased, until that is done: whoever does it may die.

create table leaving (
    person text not null,
    scope text not null,
    removes integer not null,
    at integer not null,
    primary key (person, scope)
) without rowid;
