"""`palabre demo`: a workshop played by the managers of a seminar, over the real wire, at the pace of people.

seminar.json, seminar   who comes and what they have to say
stage                   plays it, against a server; what each does next is `play`'s
command_line            asks where, shows the addresses, tells how it goes
"""
