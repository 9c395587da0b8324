"""Faces for Home Assistant over MQTT: `python examples/mqtt.py SOURCE --host BROKER [--user NAME]`.

Sensors appear by themselves (MQTT discovery): how many people, what the nearest one expresses, valence, who smiles at
the camera. Nothing else leaves the machine: no picture, no box. The password comes from the variable MQTT_PASSWORD.
Needs `pip install paho-mqtt`.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import re
from typing import Any

import paho.mqtt.client as mqtt

from edgeaffect import Pipeline, Result

SENSORS = {  # name -> (kind, template of its value, further fields of the discovery message)
    "people": ("sensor", "{{ value_json.people }}", {"icon": "mdi:account-multiple"}),
    "expression": ("sensor", "{{ value_json.expression }}", {"icon": "mdi:emoticon-outline"}),
    "valence": ("sensor", "{{ value_json.valence }}", {"state_class": "measurement"}),
    "smiling": ("binary_sensor", "{{ 'ON' if value_json.smiling else 'OFF' }}", {}),
}


def state_of(result: Result) -> dict[str, object]:
    """What the sensors show: of the largest face, and only what we are sure of."""
    faces = sorted(result.faces, key=lambda face: float(face.box[2] - face.box[0]), reverse=True)
    affect = faces[0].affect if faces else None
    sure = affect is not None and affect.is_sure
    return {
        "people": len(faces),
        "expression": affect.label if affect is not None and sure else "unknown" if faces else "nobody",
        "valence": round(affect.valence, 2) if affect is not None and sure else None,
        "smiling": any(face.cues is not None and face.cues.action_units.get(12, 0) > 0.6 for face in faces),
    }


def announce(client: mqtt.Client, node: str) -> None:
    """Tell Home Assistant of the sensors; retained, so that it finds them after a restart, too."""
    device = {"identifiers": [node], "name": node, "manufacturer": "edgeaffect"}
    for name, (kind, template, more) in SENSORS.items():
        about = {
            "name": name, "unique_id": f"{node}_{name}", "state_topic": f"{node}/state", "value_template": template,
            "availability_topic": f"{node}/online", "device": device, **more,
        }  # fmt: skip
        client.publish(f"homeassistant/{kind}/{node}/{name}/config", json.dumps(about), qos=1, retain=True)


def connect(client: mqtt.Client, node: str, host: str, port: int) -> None:
    """Connect, and announce the sensors now and whenever the connection comes back; ends where the broker refuses."""
    answers: queue.Queue[Any] = queue.Queue()

    def on_connect(client: mqtt.Client, data: object, flags: object, reason: Any, properties: object) -> None:
        answers.put(reason)
        if not reason.is_failure:
            announce(client, node)
            client.publish(f"{node}/online", "online", 1, True)

    client.on_connect = on_connect
    try:
        client.connect(host, port)
        client.loop_start()
        reason = answers.get(timeout=10)
    except (OSError, queue.Empty) as error:
        raise SystemExit(f"no MQTT broker answers at {host} port {port}: {error or 'it is silent'}") from None
    if reason.is_failure:
        raise SystemExit(f"the broker at {host} port {port} refuses: {reason}; look at --user and MQTT_PASSWORD")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--user")
    parser.add_argument("--name", default="edgeaffect", help="of the device")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two messages of an unchanged state")
    arguments = parser.parse_args()
    if not re.fullmatch(r"[\w-]+", arguments.name):
        parser.error(f"--name stands in topics: letters, digits, _ and -; got {arguments.name!r}")
    node = arguments.name
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    if arguments.user:
        client.username_pw_set(arguments.user, os.environ.get("MQTT_PASSWORD"))
    client.will_set(f"{node}/online", "offline", qos=1, retain=True)  # the broker says so when we vanish
    connect(client, node, arguments.host, arguments.port)
    last, told = None, 0.0
    try:
        with Pipeline(cues=True) as pipeline:
            for result in pipeline.stream(arguments.source):
                state = state_of(result)
                if state != last or result.timestamp - told >= arguments.every:
                    client.publish(f"{node}/state", json.dumps(state), qos=1, retain=True).wait_for_publish(5)
                    last, told = state, result.timestamp
    finally:
        client.publish(f"{node}/online", "offline", qos=1, retain=True).wait_for_publish(5)
        client.loop_stop()
        client.disconnect()


if __name__ == "__main__":
    main()
