"""`ros2 run edgeaffect_ros2 affect`: the lifecycle node."""

import sys

from edgeaffect.adapters.ros2.node import main

if __name__ == "__main__":
    sys.exit(main())
