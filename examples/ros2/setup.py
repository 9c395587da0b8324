"""ament_python package: `colcon build --packages-select edgeaffect_ros2`."""

from glob import glob

from setuptools import setup

NAME = "edgeaffect_ros2"

setup(
    name=NAME,
    version="0.1.0",
    packages=[NAME],
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        (f"share/{NAME}/launch", glob("launch/*.launch.py")),
        (f"share/{NAME}/config", glob("config/*.yaml")),
    ],
    install_requires=["setuptools", "edgeaffect"],
    zip_safe=True,
    maintainer="edgeaffect maintainers",
    maintainer_email="maintainers@example.org",
    description="Faces, what they express and who speaks, by REP-155: a lifecycle node around edgeaffect.",
    license="Apache-2.0",
    entry_points={"console_scripts": ["affect = edgeaffect_ros2.affect:main"]},
)
