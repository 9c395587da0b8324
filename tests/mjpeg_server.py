"""A camera in the network: a real HTTP server on loopback that sends pictures as a multipart stream."""

from __future__ import annotations

import http.server
import threading
import time

import cv2
from scenes import scene


class MjpegServer:
    """Each client gets numbered frames.

    Args:
        frames: frames per connection, after which the server hangs up.
        fps: frames a second.
        tells_length: announce the length of the stream, as of a recording.
    """

    def __init__(self, frames: int = 10**9, fps: float = 100.0, *, tells_length: bool = False) -> None:
        outer = self
        self.sent = self.connections = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.connections += 1
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                if tells_length:
                    self.send_header("Content-Length", str(sum(len(_part(i)) for i in range(frames))))
                self.end_headers()
                try:
                    for i in range(frames):
                        self.wfile.write(_part(i if tells_length else outer.sent))
                        outer.sent += 1
                        time.sleep(1 / fps)
                except OSError:
                    return  # the client went away

            def log_message(self, *args: object) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/camera"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def stop(self) -> None:
        """Take no more clients."""
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    def __enter__(self) -> MjpegServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _part(index: int) -> bytes:
    data: bytes = cv2.imencode(".jpg", scene(level=index % 250))[1].tobytes()
    return f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data + b"\r\n"
