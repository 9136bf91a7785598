-- Records have fields of other names than before: the projection, which holds records, is made anew from the commits, as in 0006.

alter table positions rename to projected_heads;
delete from projected_heads;
delete from public_rows;
delete from public_words;
