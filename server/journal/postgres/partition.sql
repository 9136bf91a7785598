-- The large tables of the journal, each in 16 partitions by the hash of the stream: for a database of hundreds of millions of
-- commits, where vacuum, a rebuilt index and a restored backup should be a matter of one part. Everything that the server asks
-- names its streams, so nothing else changes; a later migration of a table reaches its partitions.
--
-- Once, behind `palabre migrate`, with all workers stopped; what is in the tables is kept:
--
--     psql "$DATABASE_URL" --single-transaction -v ON_ERROR_STOP=1 -f server/journal/postgres/partition.sql

do $$
declare
    parts constant integer := 16;
    large text;
    again text;
    indexes text[];
begin
    foreach large in array array['commits', 'command_keys', 'sealed', 'public_rows'] loop
        if (select relkind from pg_class where oid = large::regclass) = 'p' then
            continue;
        end if;

        -- Made anew, under their own names, behind the copying, which is faster without them.
        select array_agg(made) into indexes from (
            select case when conname is null then pg_get_indexdef(indexrelid)
                else format('alter table %I add constraint %I %s', large, conname, pg_get_constraintdef(pg_constraint.oid)) end as made
            from pg_index left join pg_constraint on conindid = indexrelid and contype = 'p'
            where indrelid = large::regclass
        ) as statements;

        execute format('alter table %I rename to %I', large, large || '_whole');
        execute format(
            'create table %I (like %I including all excluding indexes) partition by hash (stream)', large, large || '_whole'
        );
        for part in 0 .. parts - 1 loop
            execute format(
                'create table %I partition of %I for values with (modulus %s, remainder %s)',
                large || '_' || part, large, parts, part
            );
        end loop;
        execute format('insert into %I select * from %I', large, large || '_whole');
        execute format('drop table %I', large || '_whole');
        foreach again in array indexes loop
            execute again;
        end loop;
    end loop;
end $$;
