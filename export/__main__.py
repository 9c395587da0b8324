"""`python -m edgeaffect.export` is `edgeaffect export`."""

import sys

from edgeaffect.cli import main

if __name__ == "__main__":
    sys.exit(main(["export", *sys.argv[1:]]))
