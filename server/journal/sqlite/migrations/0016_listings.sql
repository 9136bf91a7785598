-- What is known of streams that stand under another, and what their members are called, without opening them.

alter table memberships add column name text not null default '';

create table listings (
    stream text primary key,
    parent text not null,
    access text not null,
    title text not null,
    purpose text not null,
    closed integer not null
) without rowid;

create index listings_under on listings (parent);
