"""Who is in the room, and the room they are in."""
