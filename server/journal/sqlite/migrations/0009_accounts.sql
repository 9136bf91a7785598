-- Who may come in, outside the journal: logins of people on their devices, links that restore them, integrators' streams.

create table logins (
    id text primary key,
    person text not null,
    scope text not null,
    at integer not null,
    used integer not null,
    ended integer
) without rowid;

create index logins_of on logins (person, scope);
create index logins_used on logins (used);
create index logins_ended on logins (ended) where ended is not null;

create table links (
    digest blob primary key,
    person text not null,
    stream text not null,
    code text not null,
    claims integer not null,
    at integer not null,
    ended integer
) without rowid;

create index links_of on links (person, stream);

create table grants (
    issuer text not null,
    stream text not null,
    at integer not null,
    primary key (issuer, stream)
) without rowid;
