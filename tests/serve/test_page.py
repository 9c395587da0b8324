"""The page in a real browser: what it shows, that it needs nothing from elsewhere, keyboard, sizes, schemes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from browser import CHROMIUM, Browser
from serve_parts import TOKEN, camera, scene_frames, served

for package in ("starlette", "uvicorn", "prometheus_client"):
    pytest.importorskip(package)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)")

READY = "document.querySelectorAll('.face').length === 2 && !document.getElementById('video').hidden"
_WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"


@pytest.fixture(scope="module")
def server(portrait: np.ndarray) -> Iterator[Any]:
    with served(camera(scene_frames(portrait)), token=TOKEN) as server:
        yield server


@pytest.fixture(scope="module")
def browser(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as browser:
        browser.resize(1280)
        browser.open(f"{server.address}#token={TOKEN}")
        browser.until(READY)
        yield browser


def text(browser: Browser, selector: str) -> str:
    return str(browser.evaluate(f"document.querySelector({selector!r}).innerText"))


def test_values_appear(browser):
    browser.until("document.querySelectorAll('#events li').length > 0")
    assert text(browser, "#status").endswith("live")
    assert text(browser, ".face .label") == "happiness"
    assert text(browser, ".face .share").endswith("%")
    assert float(text(browser, "#fps")) > 3
    assert text(browser, "#latency").endswith("ms")
    assert browser.evaluate("document.querySelectorAll('#distribution li').length") == 8
    # On a busy machine the face may just be a new one that nobody has read yet.
    browser.until("document.querySelector('#distribution li.top .name')?.innerText === 'happiness'")
    browser.until("document.querySelectorAll('.plane .dot').length === 2")
    assert "°" in text(browser, "#angles")
    assert text(browser, "#unit-bars").count("%") == 5
    # Something is drawn on the timeline, and the video has the size of the camera's frames.
    drawn = "new Set(document.getElementById('timeline').getContext('2d').getImageData(0, 0, 400, 160).data).size"
    assert browser.evaluate(drawn) > 8
    assert browser.evaluate("[video.naturalWidth, video.naturalHeight]") == [480, 270]


def test_a_click_on_a_face_explains_it(browser):
    browser.evaluate("document.querySelectorAll('.spot')[1].click()")
    browser.until("document.querySelector('.answer .said') !== null")
    said = text(browser, ".answer .said").lower()
    assert any(word in said for word in ("happ", "joy", "glad", "cheer")), said
    assert browser.evaluate("document.querySelectorAll('.face')[1].getAttribute('aria-pressed')") == "true"
    browser.evaluate("document.getElementById('question').focus()")
    browser.type("Who is she?")
    browser.press("Enter")
    browser.until("document.querySelector('.answer .asked')?.innerText.includes('Who is she?')")
    assert browser.evaluate("document.querySelector('.answer .said').className") == "said trouble"  # refused


def test_it_works_by_keyboard_alone(browser):
    browser.evaluate("document.querySelectorAll('.face')[0].click(); document.querySelector('.skip').focus()")
    seen: list[str] = []
    for _ in range(12):
        browser.press("Tab")
        seen.append(browser.evaluate("document.activeElement.id || document.activeElement.className"))
        assert browser.evaluate("document.activeElement.matches(':focus-visible')"), seen
        outline = browser.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert outline != "0px", seen
        if seen[-1] == "face":
            break
    assert "pause" in seen and seen[-1] == "face", seen
    before = browser.evaluate("document.activeElement.innerText")
    browser.press("ArrowDown")
    assert browser.evaluate("document.activeElement.className") == "face"
    assert browser.evaluate("document.activeElement.innerText") != before
    assert browser.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.id") == "explain"
    browser.evaluate("document.getElementById('answer').replaceChildren()")
    browser.press("Enter")
    browser.until("document.querySelector('.answer .said') !== null")


def test_pause_stops_what_moves(browser):
    browser.evaluate("document.getElementById('pause').click()")
    assert browser.evaluate("[video.hidden, frozen.hidden, frozen.width]") == [True, False, 480]
    assert text(browser, "#pause") == "Resume"
    browser.until("document.getElementById('status').innerText.includes('paused')")
    browser.evaluate("document.getElementById('pause').click()")
    browser.until("!video.hidden && frozen.hidden && document.getElementById('status').innerText.includes('live')")


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390])
def test_layouts(browser, width, scheme):
    browser.resize(width, 844, scheme)
    browser.until(f"innerWidth === {width}")
    scroll, client = browser.evaluate(_WIDTHS)
    assert scroll <= client
    # Nothing sticks out of its panel, either.
    out = browser.evaluate(
        "[...document.querySelectorAll('.panel *')].filter((node) => node.getClientRects().length"
        " && !node.closest('svg, .spots, .events, .hidden') && node.getBoundingClientRect().right"
        " > node.closest('.panel').getBoundingClientRect().right + 1).map((node) => node.outerHTML.slice(0, 90))"
    )
    assert out == []
    colors = browser.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert _contrast(*colors) > 7 and (_luminance(colors[1]) < 0.1) == (scheme == "dark")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_colours_are_told_apart(browser, scheme):
    """Words of every colour stand out from what they stand on (WCAG 2.2, 1.4.3: 4.5)."""
    browser.resize(1280, 844, scheme)
    names = ["muted", "accent", "good", "warn", "bad", "happiness", "surprise", "sadness", "anger", "disgust", "fear",
             "contempt", "neutral", "calm", "boredom"]  # fmt: skip
    panel = browser.evaluate("getComputedStyle(document.querySelector('.face')).backgroundColor")
    for name in names:
        value = browser.evaluate(
            "(() => { const probe = document.createElement('i'); document.body.append(probe);"
            f" probe.style.color = 'var(--{name})'; const color = getComputedStyle(probe).color; probe.remove();"
            " return color; })()"
        )
        assert _contrast(value, panel) >= 4.5, (name, value, panel)


def test_calm_pages_do_not_move(browser):
    browser.resize(1280, 844, calm=True)
    assert browser.evaluate("getComputedStyle(document.querySelector('.fill')).transitionProperty") in ("none", "all")
    assert browser.evaluate("getComputedStyle(document.querySelector('.fill')).transitionDuration") == "0s"
    browser.resize(1280, 844)


def test_parts_have_names(browser):
    """What a screen reader says of everything that can be used."""
    nodes = browser.send("Accessibility.getFullAXTree")["nodes"]
    usable = [node for node in nodes if node["role"]["value"] in ("button", "textbox", "img", "meter", "list")]
    nameless = [node for node in usable if not node.get("ignored") and node["role"]["value"] in ("button", "textbox")
                and not node.get("name", {}).get("value")]  # fmt: skip
    assert len(usable) > 6 and nameless == []
    assert any("valence" in node["name"]["value"] for node in usable if "name" in node)


def test_nothing_comes_from_elsewhere_and_nothing_complains(browser, server):
    own = (f"http://127.0.0.1:{server.port}/", f"ws://127.0.0.1:{server.port}/")
    asked = browser.requests()
    assert any("/video" in address for address in asked) and any("/ws" in address for address in asked)
    assert [address for address in asked if not address.startswith(own) and address != "about:blank"] == []
    assert browser.complaints() == []


def test_the_token_leaves_the_address(browser):
    assert browser.evaluate("location.href").endswith("/") and TOKEN not in browser.evaluate("document.cookie")
    assert not any(TOKEN in address for address in browser.requests() if "#" not in address)


def _luminance(color: str) -> float:
    """WCAG 2.2, of `rgb(r, g, b)`."""
    parts = [float(part) / 255 for part in color[color.index("(") + 1 : -1].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    a, b = sorted((_luminance(one), _luminance(other)))
    return (b + 0.05) / (a + 0.05)


def test_without_the_token_it_asks_for_it(server, tmp_path):
    with Browser(tmp_path / "profile") as browser:
        browser.open(server.address)
        browser.until("!document.getElementById('token-form').hidden")
        assert browser.evaluate("document.activeElement.id") == "token"
        browser.type("wrong wrong wrong wrong")
        browser.press("Enter")
        browser.until("document.getElementById('token-error').innerText")
        browser.type(TOKEN)
        browser.press("Enter")
        browser.until(READY)


def test_it_tells_when_the_server_is_gone(portrait, tmp_path):
    with served(camera(scene_frames(portrait, 3)), explain=False) as server, Browser(tmp_path / "profile") as browser:
        browser.open(server.address)
        browser.until(READY)
        server.close()
        browser.until("document.getElementById('status').innerText.includes('disconnected')")
