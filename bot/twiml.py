"""The answers to the carrier, as TwiML. Pure: sentences and addresses in, XML out.

The sentences come with their slots filled (`bot.carrier_phrases`). Addresses are relative to the server, such as
/voice/after?step=1.
"""

from twilio.twiml import TwiML
from twilio.twiml.voice_response import Connect, Dial, Gather, VoiceResponse

from bot.carrier_phrases import CarrierPhrases

GATHER_TIMEOUT_S = 6
DIAL_TIMEOUT_S = 25
HOLD_S = 3


def connect(stream_url: str, *, token: str, after_url: str) -> str:
    """Open the media stream; when it has closed, ask `after_url` what comes next."""
    response = VoiceResponse()
    opened = Connect()
    opened.stream(url=stream_url).parameter(name="token", value=token)
    response.append(opened)
    response.redirect(after_url, method="POST")
    return str(response)


def hang_up() -> str:
    """Close the line without a word: all has been said."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def dial_person(
    number: str, *, action_url: str, caller_id: str = "", phrases: CarrierPhrases | None = None
) -> str:
    """Ring a person; the carrier reports to `action_url` how that went.

    The redirect runs when that report did not get through, so the caller is never left with a dead line. With
    `phrases`, the caller is told first that the person is being rung once more.
    """
    response = VoiceResponse()
    if phrases is not None:
        _say(response, phrases, phrases.still_ringing)
    options = {"caller_id": caller_id} if caller_id else {}
    dial = Dial(action=action_url, method="POST", timeout=DIAL_TIMEOUT_S, answer_on_bridge=True, **options)
    dial.number(number)
    response.append(dial)
    response.redirect(action_url, method="POST")
    return str(response)


def busy(phrases: CarrierPhrases, *, offer_url: str) -> str:
    """All lines are taken: say so, offer a call-back on key 1, say goodbye to who does not want one.

    `offer_url` is "" for a caller whose number is not known, who gets no offer.
    """
    response = VoiceResponse()
    if offer_url:
        # The sentences are inside, so that a key can be pressed before they are over.
        gather = Gather(input="dtmf", num_digits=1, timeout=GATHER_TIMEOUT_S, action=offer_url, method="POST")
        _say(gather, phrases, phrases.busy)
        _say(gather, phrases, phrases.offer)
        response.append(gather)
    else:
        _say(response, phrases, phrases.busy)
    _say(response, phrases, phrases.offer_declined)
    response.hangup()
    return str(response)


def hold(phrases: CarrierPhrases, *, next_url: str) -> str:
    """Ask the caller to wait a few seconds, then try `next_url`."""
    response = VoiceResponse()
    _say(response, phrases, phrases.one_moment)
    response.pause(length=HOLD_S)
    response.redirect(next_url, method="POST")
    return str(response)


def not_ready(phrases: CarrierPhrases) -> str:
    """The line is not up yet: ask to call again in a few minutes."""
    return _goodbye(phrases, phrases.not_ready)


def callback_taken(phrases: CarrierPhrases) -> str:
    """The call-back has been noted."""
    return _goodbye(phrases, phrases.callback_taken)


def callback_declined(phrases: CarrierPhrases) -> str:
    """Another key than the one offered: an invitation to call again."""
    return _goodbye(phrases, phrases.offer_declined)


def no_answer(phrases: CarrierPhrases, *, promised: bool) -> str:
    """The person could not be reached: apologise; a call-back was promised, or the caller may call again."""
    return _goodbye(phrases, phrases.no_answer_promised if promised else phrases.no_answer_call_again)


def fallback(phrases: CarrierPhrases, *, promised: bool, emergency: bool = False) -> str:
    """Something broke on our side: apologise; a call-back was promised, or the caller may call again.

    `emergency` puts the emergency number first, for a caller who spoke of danger.
    """
    sentence = phrases.broken_promised if promised else phrases.broken_call_again
    return _goodbye(phrases, *([phrases.emergency] if emergency else []), sentence)


def _goodbye(phrases: CarrierPhrases, *sentences: str) -> str:
    """Sentences, then the end of the call."""
    response = VoiceResponse()
    for sentence in sentences:
        _say(response, phrases, sentence)
    response.hangup()
    return str(response)


def _say(parent: VoiceResponse | Gather, phrases: CarrierPhrases, sentence: str) -> TwiML:
    """Let the carrier's voice say a sentence."""
    return parent.say(sentence, language=phrases.say_language)
