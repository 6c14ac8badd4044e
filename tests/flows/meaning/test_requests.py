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


@pytest.mark.parametrize(
    "text",
    [
        *("mm", "Mm.", "Mmm.", "mhm", "Mhmm", "Mm-hmm.", "M-hm", "Hm-hmm", "mmm-hmm", "Hmm.", "hm"),
        *("Um.", "Uh.", "Er...", "Ah.", "Oh.", "Aha.", "Oh, okay.", "Hmm, okay."),
        *(
            "yeah yeah",
            "Right.",
            "Right, right.",
            "Okay, yeah.",
            "I see.",
            "Oh, I see.",
            "Got it.",
            "Gotcha.",
        ),
        *("Sure.", "Yup.", "Exactly.", "Absolutely.", "Of course.", "That's right.", "Makes sense.", "Cool."),
        *("Ha ha ha.", "Hahaha!", "Mama.", "Amen."),
    ],
)
def test_what_a_listener_says_is_a_backchannel(text: str) -> None:
    assert understand(text).backchannel


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Stop.",
            "Wait.",
            "No.",
            "No, no, no.",
            "Oh no.",
            "Uh-uh.",
            "Okay, stop.",
            "Yeah, but no.",
            "Hello?",
        ),
        *(
            "Right, but I never got it.",
            "Yes, but that does not help me.",
            "Well, listen.",
            "So what?",
            "Why?",
        ),
        *("Sure you did.", "Of course not.", "Really, stop it.", "Okay, what about my refund?"),
    ],
)
def test_words_of_interruption_are_no_backchannel(text: str) -> None:
    assert not understand(text).backchannel


@pytest.mark.parametrize("text", ["Mm-hm.", "mhm", "Mhmm.", "Mm-hmm.", "M-hm.", "Hm-hmm.", "uh huh"])
def test_a_hum_that_nods_is_a_yes(text: str) -> None:
    assert understand(text, expecting="yes_no").yes_no is YesNo.YES


@pytest.mark.parametrize("text", ["Uh-uh.", "uh-uh", "Nuh-uh.", "nuh uh", "Uh-uh, not today."])
def test_a_sound_that_shakes_its_head_is_a_no(text: str) -> None:
    assert understand(text, expecting="yes_no").yes_no is YesNo.NO


@pytest.mark.parametrize("text", ["Mm.", "Hmm.", "Um.", "uh", "uh, uh, I want a refund"])
def test_a_hum_of_thought_is_no_answer(text: str) -> None:
    assert understand(text, expecting="yes_no").yes_no is YesNo.NONE


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
