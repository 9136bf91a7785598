-- Keys of the newest commits, 16 bytes each, in the order in which they came; filed into `command_keys` later, neighbours together
-- (server/journal/sqlite/keys.py). `refusals`: the code of each key in a JSON array, null where its command was done.

create table fresh_keys (
    number integer primary key,
    stream text not null,
    seq integer not null,
    keys blob not null,
    refusals text not null
);
