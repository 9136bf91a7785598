-- Who may come in, outside the journal: logins of people on their devices, links that restore them, integrators' streams.

create table logins (
    id text primary key,
    person text not null,
    scope text not null,
    at integer not null,
    used integer not null,
    ended integer
) without rowid;

create index logins_used on logins (used);
create index logins_ended on logins (ended) where ended is not null;

-- All logins and links of a person with a scope that are of this time or before are over.
create table endings (
    person text not null,
    scope text not null,
    at integer not null,
    primary key (person, scope)
) without rowid;

create index endings_at on endings (at);

create table links (
    digest blob primary key,
    person text not null,
    stream text not null,
    code text not null,
    claims integer not null,
    at integer not null,
    ended integer
) without rowid;

create index links_ended on links (ended) where ended is not null;

create table grants (
    issuer text not null,
    stream text not null,
    at integer not null,
    primary key (issuer, stream)
) without rowid;
