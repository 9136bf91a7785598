-- Records have fields of other names than before: the projection, which holds records, is made anew from the commits, as in 0005.

alter table positions rename to projected_heads;
truncate projected_heads, public_rows;
