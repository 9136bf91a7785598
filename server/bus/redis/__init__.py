"""The bus over Redis: `bus` for one server, `cluster` for many, `link` for a connection to one."""
