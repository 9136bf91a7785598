"""The journal in a SQLite file; `journal` puts it together."""
