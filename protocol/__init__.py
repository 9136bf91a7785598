"""The contract between Palabre and any client: messages, records, commands, errors, codecs. Pure; see SPEC.md."""
