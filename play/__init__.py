"""A workshop played by people who only seem to be there, and by a host who leads them through it: pure, but for chance.

The server rehearses and demonstrates with it (SPEC H6, H15), `palabre demo` plays it over the wire. All of them see public records
only, and act by commands like anyone.

lines       what they say, by language
person      what one of them does next
director    what their host does next
"""
