"""The workshop's rules, pure: commands in, events out, records seen. No clock, no chance, no I/O.

One file per capability holds its entities, events, decide, evolve and render. Each folder imports from those before it:

state           what several capabilities share: things as they lie in the state, and no command
people          who is in the room, as what, and at which small table; what the room is called
talk            messages, reactions
board           ideas, zones, and what is done to them
outcome         what people are asked, and what comes of it: pulses, votes, decisions
agenda          the steps as they are gone through, with their clock and the stage
imports         a room from a file
rights          who may do what
signals         what is said and not kept
room            puts them together
"""
