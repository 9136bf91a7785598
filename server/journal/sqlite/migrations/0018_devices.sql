-- The devices of a person with an account: logins that a cookie restores, known by the hash of its secret; and links that end by themselves.

alter table logins add column cookie blob;
alter table logins add column label text not null default '';
alter table links add column ends integer;

create unique index logins_cookie on logins (cookie) where cookie is not null;
create index logins_of_devices on logins (person) where cookie is not null;
create index links_ends on links (ends) where ends is not null;
