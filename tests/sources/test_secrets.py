"""No secret of a source reaches a name, a message or an exception chain."""

from __future__ import annotations

import traceback

import pytest

from edgeaffect._redact import hide_secrets
from edgeaffect.sources import Camera, VideoFile, open_source

PASSWORD = "S3cr"
ADDRESSES = [
    "rtsp://admin:S3cr@127.0.0.1:9/live",
    "rtsp://admin:S3cr@et@127.0.0.1:9/live",
    "rtsp://admin:S3cr/et@127.0.0.1:9/live",
    "rtsp://admin:@S3cret@127.0.0.1:9/live",
    "rtsp://:S3cr@127.0.0.1:9/live",
    "rtsp://S3cr@127.0.0.1:9/live",
    "rtsp://admin:S3cr#1@127.0.0.1:9/live",
    "rtsp://admin:12#S3cr@127.0.0.1:9/live",
    "rtsp://admin:12?S3cr@127.0.0.1:9/live",
    "rtsp://admin:S3cr?x@127.0.0.1:9/live",
    "rtsp://admin%3AS3cr%40127.0.0.1:9/live",
    "rtsp://admin:S3cr%40x@[::1]:9/live",
    "rtsp://admin:my S3cr@127.0.0.1:9/live",
    "RTSPS://admin:S3cr@127.0.0.1:9/live",
    "rtsp:/admin:S3cr@127.0.0.1:9/live",
    "rtsp://127.0.0.1:9/user=admin&password=S3cr&channel=1&stream=0.sdp",
    "rtsp://127.0.0.1:9/user=admin_password=S3cr_channel=1_stream=0.sdp",
    "http://127.0.0.1:9/v.cgi?user=admin&pwd=S3cr",
    "http://127.0.0.1:9/v.mp4?token=S3cr",
    "http://127.0.0.1:9/v.mp4?a=1&X-Amz-Signature=S3cr",
    "http://127.0.0.1:9/v.mp4?pass%77ord=S3cr",
    "http://127.0.0.1:9/v.mp4?S3cr",
    "http://127.0.0.1:9/v.mp4#access_token=S3cr",
    "http://127.0.0.1:9/v.mp4?api_key=S3cr;x=1",
    "srt://127.0.0.1:9?passphrase=S3cr",
    "rtspsrc location=rtsp://127.0.0.1:9/x user-id=admin user-pw=S3cr ! appsink",
    'rtspsrc location="rtsp://admin:S3cr@127.0.0.1:9/x" ! appsink',
    'rtspsrc location=rtsp://127.0.0.1:9/x user-pw = "a S3cr" ! appsink',
    "souphttpsrc location=http://127.0.0.1/a?sig=S3cr cookies=S3cr ! appsink",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_form_of_an_address_shows_its_secret(address: str):
    for text in (address, f"lost {address} again", repr([address]), repr({"a": address}), repr(address.encode())):
        if "my S3cr" in address and text != address:
            continue  # a space ends an address in a text
        assert PASSWORD not in hide_secrets(text), hide_secrets(text)


def test_what_tells_cameras_apart_stays():
    for plain in (
        "rtsp://10.0.0.1:554/ch0",
        "http://10.0.0.1/a@b",
        "http://cam.local:8080/video?channel=1&action=stream",
        "v4l2src device=/dev/video0 ! videoconvert ! appsink",
        "/data/film.mp4",
    ):
        assert hide_secrets(plain) == plain
    assert hide_secrets("rtsp://u:p@10.0.0.1/ch0?token=x&channel=2") == "rtsp://10.0.0.1/ch0?token=***&channel=2"


@pytest.mark.parametrize("address", [ADDRESSES[0], ADDRESSES[2], ADDRESSES[15], ADDRESSES[18], ADDRESSES[-4]])
def test_errors_and_their_chains_hold_no_secret(address: str, caplog, capfd):
    pytest.importorskip("cv2")
    makers = (
        lambda: Camera(address, timeout=1),
        lambda: VideoFile(address),
        lambda: Camera([address]),  # type: ignore[arg-type]
        lambda: Camera(address + "\udcff"),
        lambda: Camera(address, fps="x"),  # type: ignore[arg-type]
        lambda: open_source({"a": address}),
        lambda: open_source((address, 0)),
        lambda: open_source(address.encode()),
        lambda: open_source(address.replace("://", ":/")),
    )
    for make in makers:
        with pytest.raises((TypeError, ValueError, RuntimeError, OSError)) as caught:
            make()
        lines = "".join(traceback.format_exception_only(caught.type, caught.value))
        error: BaseException | None = caught.value
        while error is not None:
            lines += str(error)
            error = error.__cause__ or error.__context__
        assert PASSWORD not in lines, lines
    assert PASSWORD not in caplog.text + "".join(capfd.readouterr())
