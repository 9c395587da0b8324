"""One thread for each library's own pools: imported before NumPy, which reads it once.

pytest-xdist runs a worker per core; workers whose libraries keep a thread per core each wait for one another, spinning.
Programs that tests start inherit it.
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(variable, "1")
