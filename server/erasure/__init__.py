"""One person taken out of everything that is kept: streams, the tables beside them, and what has been given to them (SPEC O)."""
