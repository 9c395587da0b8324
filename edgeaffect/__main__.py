"""`python -m edgeaffect`: the same as the command `edgeaffect`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
