"""`python -m edgeaffect.bench`: the same as `edgeaffect bench`."""

from __future__ import annotations

import logging
import os
import sys

from .cli import main

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="edgeaffect: %(message)s")
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader (head, less) has seen enough; Python would complain again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
