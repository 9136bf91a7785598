"""Bugs planted on purpose, each of which the stories must catch (`make mutants`): a file for each place where they are planted."""
