"""The thread that answers: order, one request waiting per caller, stopping, closing, and no thread left behind."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from edgeaffect.explain.talker import OnText, ReplacedError, Talker


@pytest.fixture
def talker() -> Iterator[Talker]:
    made = Talker("test-talker")
    yield made
    made.close()


def counting(count: int = 1000, pause: float = 0.001) -> Callable[[OnText], str]:
    def work(say: OnText) -> str:
        said = []
        for i in range(count):
            if say(f"{i} ") is False:
                break
            said.append(f"{i} ")
            time.sleep(pause)
        return "".join(said)

    return work


def alive() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "test-talker"]


def test_pieces_come_while_it_talks_and_the_answer_at_the_end(talker: Talker) -> None:
    talk = talker.ask(counting(20))
    pieces = list(talk)
    assert pieces == [f"{i} " for i in range(20)] and talk.result(1) == "".join(pieces) and list(talk) == []


def test_no_thread_before_the_first_request(talker: Talker) -> None:
    assert alive() == []
    talker.ask(counting(1)).result(5)
    assert alive() == ["test-talker"]


def test_a_callback_stops_it(talker: Talker) -> None:
    heard: list[str] = []

    def on_text(piece: str) -> bool:
        heard.append(piece)
        return len(heard) < 3

    answer = talker.ask(counting(), on_text).result(5)
    assert len(heard) == 3 and len(answer.split()) in (2, 3)


def test_stop_from_outside(talker: Talker) -> None:
    talk = talker.ask(counting())
    next(talk)
    talk.stop()
    assert len(talk.result(5).split()) < 900


def test_errors_of_work_and_callback_are_raised_where_the_answer_is_asked_for(talker: Talker) -> None:
    def broken(say: OnText) -> str:
        say("a ")
        raise KeyError("inside")

    talk = talker.ask(broken)
    assert next(talk) == "a "
    with pytest.raises(KeyError, match="inside"):
        next(talk)
    with pytest.raises(KeyError, match="inside"):
        talk.result(5)

    def complain(_: str) -> None:
        raise ValueError("callback")

    with pytest.raises(ValueError, match="callback"):
        talker.ask(counting(), complain).result(5)
    assert talker.ask(counting(2)).result(5) == "0 1 "


def test_a_newer_request_of_the_same_caller_replaces_the_waiting_one(talker: Talker) -> None:
    busy = talker.ask(counting())
    next(busy)
    waiting, newest = talker.ask(counting(2)), talker.ask(counting(3))
    with pytest.raises(ReplacedError, match="newer request"):
        waiting.result(5)
    busy.stop()
    assert newest.result(5) == "0 1 2 " and busy.result(5)


def test_every_caller_has_a_place(talker: Talker) -> None:
    busy = talker.ask(counting())
    next(busy)
    answers: dict[int, str] = {}

    def caller(i: int) -> None:
        answers[i] = talker.ask(counting(i)).result(10)

    threads = [threading.Thread(target=caller, args=(i,)) for i in range(1, 6)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    busy.stop()
    for thread in threads:
        thread.join(10)
    assert answers == {i: "".join(f"{k} " for k in range(i)) for i in range(1, 6)}


def test_one_at_a_time(talker: Talker) -> None:
    inside, most = 0, 0

    def work(_: OnText) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.002)
        inside -= 1

    threads = [threading.Thread(target=lambda: talker.ask(work).result(10)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == 1


def test_close_stops_the_talk_and_fails_what_waits() -> None:
    talker = Talker("test-talker")
    busy = talker.ask(counting())
    next(busy)
    other: list[BaseException] = []

    def caller() -> None:
        try:
            talker.ask(counting(1)).result(10)
        except RuntimeError as error:
            other.append(error)

    thread = threading.Thread(target=caller)
    thread.start()
    time.sleep(0.05)
    talker.close()
    talker.close()
    thread.join(5)
    assert busy.result(1) and alive() == [] and "closed" in str(other[0])
    with pytest.raises(RuntimeError, match="closed"):
        talker.ask(counting(1))


def test_closing_from_a_callback_does_not_wait_for_itself() -> None:
    talker = Talker("test-talker")
    talker.ask(counting(), lambda _: talker.close()).result(5)
    deadline = time.monotonic() + 5
    while alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert alive() == []


def test_a_forgotten_talker_ends_its_thread() -> None:
    talker = Talker("test-talker")
    talker.ask(counting(1)).result(5)
    del talker
    gc.collect()
    deadline = time.monotonic() + 5
    while alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert alive() == []


def test_a_time_limit(talker: Talker) -> None:
    talk = talker.ask(counting())
    with pytest.raises(TimeoutError, match=r"0\.01 s"):
        talk.result(0.01)
    assert not talk.done
    talk.stop()
    talk.result(5)
    assert talk.done


def test_a_callback_waits_for_no_request_of_its_own(talker: Talker) -> None:
    waits = (lambda talk: talk.result(), lambda talk: talk.result(1), list)
    for wait in waits:
        with pytest.raises(RuntimeError, match="cannot ask again and wait"):
            talker.ask(counting(2), lambda _, wait=wait: wait(talker.ask(counting(1)))).result(5)  # type: ignore[misc]


def test_what_is_no_callback(talker: Talker) -> None:
    with pytest.raises(TypeError, match="on_text must be a function"):
        talker.ask(counting(1), 3)  # type: ignore[arg-type]
