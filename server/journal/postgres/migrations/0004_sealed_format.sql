-- Which release wrote a sealed entity, as `commits` says it; 0: before this was kept.

alter table sealed add column format integer not null default 0;
