"""The command line: what one starts, and what it says."""
