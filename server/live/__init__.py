"""Rooms while they are open: commands in, commits to the journal, what connections see of them. Names no command."""
