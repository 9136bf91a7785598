"""HTTP beside the wire (SPEC.md, H): the API, the pages, the QR codes and what operators look at."""
