-- Who has asked to be erased, until that is done: whoever does it may die.

create table leaving (
    person text collate "C" not null,
    scope text collate "C" not null,
    removes boolean not null,
    at bigint not null,
    primary key (person, scope)
);
