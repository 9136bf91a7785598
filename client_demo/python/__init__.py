"""Palabre from Python: a client (`sdk`), thirty lines that use it (`watch`), and a room full of people (`demo`)."""
