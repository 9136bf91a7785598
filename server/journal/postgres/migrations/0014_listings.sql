-- What is known of streams that stand under another, and what their members are called, without opening them.

alter table memberships add column name text not null default '';

create table listings (
    stream text collate "C" primary key,
    parent text collate "C" not null,
    access text collate "C" not null,
    title text not null,
    purpose text not null,
    closed boolean not null
);

create index listings_under on listings (parent);
