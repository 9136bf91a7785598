"""How people come into streams: made, entered, claimed, shown; the same for sockets and HTTP."""
