import pytest

from flows.meaning import understand


def slots(text: str, expecting: str = "") -> dict[str, str]:
    return understand(text, expecting=expecting).slots


@pytest.mark.parametrize(
    ("text", "expecting", "name"),
    [
        ("my name is Peter Lang and I need help", "", "Peter Lang"),
        ("this is Mr. Smith", "", "Mr Smith"),
        ("anna jones", "name", "Anna Jones"),
        ("it's O'Brien", "name", "O'Brien"),
        ("this is Ada Wong speaking", "", "Ada Wong"),
    ],
)
def test_a_name_is_taken_down(text: str, expecting: str, name: str) -> None:
    assert slots(text, expecting)["name"].replace(".", "") == name


@pytest.mark.parametrize(
    "text", ["I'm furious", "this is ridiculous", "can I speak to Mr Dick", "it is late"]
)
def test_what_is_no_name_of_the_caller_is_left_out(text: str) -> None:
    assert "name" not in slots(text)


@pytest.mark.parametrize(
    "text", ["huh?", "Huh", "mhm", "Mm-hm.", "Uh-huh.", "Hmm.", "Um...", "uh-uh", "Oh.", "Yep."]
)
def test_a_sound_is_no_name_when_a_name_was_asked_for(text: str) -> None:
    assert "name" not in slots(text, "name")


@pytest.mark.parametrize("text", ["Mm, Anna Jones.", "uh, Anna Jones", "Yeah, Anna Jones.", "Um. Anna Jones"])
def test_a_name_is_found_behind_a_sound(text: str) -> None:
    assert slots(text, "name")["name"] == "Anna Jones"


def test_a_feeling_is_no_name_even_when_a_name_was_asked_for() -> None:
    assert "name" not in slots("I'm furious", "name")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("my number is oh seven seven double nine one two three four five six", "07799123456"),
        ("ring me on 555-123-4567", "5551234567"),
        ("it's plus four four two zero seven nine four six triple zero", "+44207946000"),
    ],
)
def test_a_telephone_number_is_taken_down(text: str, number: str) -> None:
    assert slots(text)["phone_number"] == number


def test_tens_and_units_are_joined() -> None:
    assert slots("order number forty seven eleven")["order_number"] == "4711"


@pytest.mark.parametrize("text", ["order number A4711", "my booking is four seven one one"])
def test_an_order_number_needs_its_word(text: str) -> None:
    assert slots(text)["order_number"].endswith("4711")


@pytest.mark.parametrize("text", ["three weeks and 20 days", "my account number is 12345678", "it cost 250"])
def test_other_numbers_are_no_telephone_numbers(text: str) -> None:
    assert "phone_number" not in slots(text)


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        ("I want my money back for this juicer", "the juicer"),
        ("I have been waiting for hours", "the wait"),
        ("I was transferred three times", "the transfers"),
    ],
)
def test_the_matter_gets_a_name(text: str, issue: str) -> None:
    assert slots(text)["issue"] == issue


def test_an_insult_is_no_name_although_a_name_was_asked_for() -> None:
    meaning = understand("moron", expecting="name")
    assert "name" not in meaning.slots
    assert meaning.directed_abuse >= 0.8


def test_a_name_never_silences_a_cry_for_help() -> None:
    assert understand("I miss her so nobody would miss me", expecting="name").crisis >= 0.5
