"""The rooms' rules, pure: commands in, events out, records seen. No clock, no chance, no I/O.

One file per capability holds its entities, events, decide, evolve and render; `room` puts them together; `layers` keeps what each
audience sees.
"""
