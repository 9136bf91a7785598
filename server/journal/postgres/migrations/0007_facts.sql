-- What is so of the whole database, as it was said first: which secret it was made with (as a keyed hash).

create table facts (
    name text collate "C" primary key,
    value text not null
);
