"""A connection: who it is, what it may, frames in and frames out, sans I/O; and what it asks. Names no command."""
