"""A database of an earlier release after an upgrade to this one: what everyone saw before, and what they see now.

`python -m tests.upgraded FOLDER` makes a workshop with the earlier release (`story`, over `speech`), looks at it as each of its people
does (`sight`), upgrades the database and looks again. What may differ stands in one table, `otherwise`.
"""
