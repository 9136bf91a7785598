"""`palabre demo`: a room filled by the managers of a seminar, over the real wire, at the pace of people.

seminar.json, seminar   who comes and what they have to say
script                  who does what when: pure
stage                   does it, against a server
command_line            asks where, shows the addresses, tells how it goes
"""
