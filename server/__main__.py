"""`python -m server`, and `palabre`: the command line, which is in `cli/main.py`."""

import sys

from server.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
