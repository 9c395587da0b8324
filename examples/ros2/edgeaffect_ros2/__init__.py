"""The ROS 2 package around `edgeaffect.adapters.ros2.node`."""
