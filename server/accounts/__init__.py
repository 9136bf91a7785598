"""Who people are, beside what they do: tokens, logins, links, and what integrators are registered for. Plain tables, outside the journal."""
