"""The journal: the truth, on SQLite or PostgreSQL. `port` says what an adapter guarantees."""
