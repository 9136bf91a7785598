"""What all streams are written in, pure: entities, events and their formats, texts, ranks. Names no capability."""
