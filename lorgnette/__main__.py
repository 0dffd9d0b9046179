"""`python -m lorgnette` is the `lorgnette` command."""

import sys

from lorgnette.cli import main

if __name__ == "__main__":
    sys.exit(main())
