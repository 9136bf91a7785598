-- Who may come in, outside the journal: logins of people on their devices, links that restore them, integrators' streams.

create table logins (
    id text collate "C" primary key,
    person text collate "C" not null,
    scope text collate "C" not null,
    at bigint not null,
    used bigint not null,
    ended bigint
);

create index logins_used on logins (used);
create index logins_ended on logins (ended) where ended is not null;

-- All logins and links of a person with a scope that are of this time or before are over.
create table endings (
    person text collate "C" not null,
    scope text collate "C" not null,
    at bigint not null,
    primary key (person, scope)
);

create index endings_at on endings (at);

create table links (
    digest bytea primary key,
    person text collate "C" not null,
    stream text collate "C" not null,
    code text collate "C" not null,
    claims boolean not null,
    at bigint not null,
    ended bigint
);

create index links_ended on links (ended) where ended is not null;

create table grants (
    issuer text collate "C" not null,
    stream text collate "C" not null,
    at bigint not null,
    primary key (issuer, stream)
);
