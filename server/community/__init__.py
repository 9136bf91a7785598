"""A community: its people, who leads it, and how people come into it. It knows none of its circles."""
