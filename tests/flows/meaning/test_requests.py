import pytest

from flows.meaning import YesNo, understand


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("yes please", YesNo.YES),
        ("no that's fine", YesNo.YES),
        ("uh-huh", YesNo.YES),
        ("no thank you", YesNo.NO),
        ("I don't think so", YesNo.NO),
        ("absolutely not", YesNo.REFUSE),
        ("I don't want a voucher", YesNo.REFUSE),
        ("my kettle is broken", YesNo.NONE),
    ],
)
def test_an_answer_to_a_yes_no_question(text: str, answer: YesNo) -> None:
    assert understand(text, expecting="yes_no").yes_no is answer


def test_okay_is_an_answer_only_where_one_was_asked_for() -> None:
    assert understand("Okay.").backchannel
    assert not understand("Okay.", expecting="yes_no").backchannel


@pytest.mark.parametrize("text", ["Mm-hm.", "Uh-huh.", "uh huh", "uh-huh, okay"])
def test_a_sound_of_listening_is_a_backchannel_and_no_question(text: str) -> None:
    meaning = understand(text)
    assert meaning.backchannel
    assert not meaning.wants_repeat


@pytest.mark.parametrize("text", ["huh?", "Huh", "uh, huh?"])
def test_huh_alone_asks_for_a_repeat(text: str) -> None:
    meaning = understand(text)
    assert meaning.wants_repeat
    assert not meaning.backchannel


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("let me talk to a human", "wants_person"),
        ("get me your manager", "wants_person"),
        ("can someone call me back tomorrow", "wants_callback"),
        ("sorry, what?", "wants_repeat"),
        ("say that again", "wants_repeat"),
        ("I'm sorry for shouting", "apology"),
        ("thank you so much", "thanks"),
        ("bye then", "goodbye"),
    ],
)
def test_a_request_is_heard(text: str, flag: str) -> None:
    assert getattr(understand(text), flag)


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("thanks for nothing", "thanks"),
        ("he never said sorry", "apology"),
        ("sorry, what?", "apology"),
        ("sorry but this is ridiculous", "apology"),
        ("I said goodbye to my kids", "goodbye"),
    ],
)
def test_a_word_alone_is_no_request(text: str, flag: str) -> None:
    assert not getattr(understand(text), flag)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("I have been on hold forever", "hold"),
        ("I want to return this juicer without a receipt", "returns"),
        ("my car is still in the garage", "repair"),
        ("the courier did not deliver it", "delivery"),
        ("why was I charged twice on my bill", "billing"),
        ("I cannot fill in this form", "paperwork"),
        ("the pizza arrived burnt", "food"),
        ("I need a quiet room for two nights", "hotel"),
        ("you promised to send me the papers", "papers"),
        ("please cancel my subscription", "cancel"),
        ("what is the status of my order", "order_status"),
        ("what time do you open", "opening_hours"),
        ("I have a question", "other"),
        ("hello", "none"),
    ],
)
def test_every_scenario_is_recognised(text: str, intent: str) -> None:
    assert understand(text).intent == intent
