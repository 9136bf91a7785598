"""Things of the workshop as they lie in the state, and what is asked of them: shared by capabilities, and none themselves."""
