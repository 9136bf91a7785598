-- Which stream a row is of, without reading the row: the search of many streams asks it of each row that holds the words, newest first.

create index public_rows_streams on public_rows (number, stream);
