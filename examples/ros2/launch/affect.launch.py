"""`ros2 launch edgeaffect_ros2 affect.launch.py image:=/camera/image_raw`: starts and activates the node."""

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import LifecycleNode
from launch_ros.parameter_descriptions import ParameterValue

ARGUMENTS = {
    "image": ("/camera/image_raw", "sensor_msgs/Image to look at; with image_transport:=compressed, its base name"),
    "image_transport": ("raw", "raw or compressed"),
    "audio": ("/audio/audio", "audio_common_msgs/AudioData to listen to, with voice:=true"),
    "audio_info": ("/audio/audio_info", "its audio_common_msgs/AudioInfo"),
    "voice": ("false", "listen"),
    "device": ("auto", "auto, cpu, cuda or cuda:N"),
    "params": (f"{get_package_share_directory('edgeaffect_ros2')}/config/params.yaml", "file with all parameters"),
    "autostart": ("true", "configure and activate at once; false leaves that to a lifecycle manager"),
}


def generate_launch_description() -> LaunchDescription:
    """The node, started again when it dies."""
    given = {name: LaunchConfiguration(name) for name in ARGUMENTS}
    node = LifecycleNode(
        package="edgeaffect_ros2",
        executable="affect",
        name="edgeaffect",
        namespace="",
        output="screen",
        respawn=True,
        respawn_delay=2.0,
        parameters=[
            given["params"],
            {
                "image_transport": given["image_transport"],
                "device": given["device"],
                "voice": ParameterValue(given["voice"], value_type=bool),
                "autostart": ParameterValue(given["autostart"], value_type=bool),
            },
        ],
        remappings=[
            ("image", given["image"]),
            ("image/compressed", [given["image"], "/compressed"]),
            ("audio", given["audio"]),
            ("audio_info", given["audio_info"]),
        ],
    )
    arguments = [
        DeclareLaunchArgument(name, default_value=value, description=text) for name, (value, text) in ARGUMENTS.items()
    ]
    return LaunchDescription([*arguments, node])
