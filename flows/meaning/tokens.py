"""From recognised text to words that rules can match, each with its place in the text.

Recognisers differ in case, apostrophes and punctuation, mask rude words ("f***") and write drawn-out or spelled-out
words as they sound ("stuuupid", "s t u p i d"). All of that ends here: the rules see plain lower-case words.
"""

import re
import unicodedata
from dataclasses import dataclass

from flows.meaning.spelling import Spelling

BREAK = "|"  # the end of a sentence
COMMA = ","  # a pause within one
# Words are bounded because every rule reads all of them. 600 words are four minutes of talk in one turn; of a
# longer one the beginning and the end are read, where the request and the last word stand.
MAX_WORDS = 600
_MAX_WORD_LETTERS = 40

# Each alternative starts with a character no other one accepts, so a scan is linear in the length of the text.
_PIECE = re.compile(
    r"(?P<word>[\w*@#]+(?:['’`´-][\w*@#]+)*)|(?P<stop>[.!?;:…。！？]+|\n)|(?P<pause>[,–—，-])|(?P<quote>[\"“”«»])"
)
_PART = re.compile(r"[^-]+")
_QUOTE = re.compile(r"[\"“”«»]")
_MASK_AFTER_LETTER = re.compile(r"\b([A-Za-z]) (?=\*{2,})")


@dataclass(frozen=True)
class Token:
    """One normalised word, or a break. `start` and `end` are offsets into the original text."""

    word: str
    start: int
    end: int
    quoted: bool = False


@dataclass(frozen=True)
class Utterance:
    """A text and its tokens. `line` is the words between spaces, `| i am late , sorry | `, for the rules."""

    text: str
    tokens: tuple[Token, ...]
    line: str
    starts: tuple[int, ...]  # where each token begins in `line`

    def words(self) -> list[str]:
        """The words alone, without breaks and commas."""
        return [token.word for token in self.tokens if token.word not in (BREAK, COMMA)]

    def slice(self, first: int, last: int) -> str:
        """The original text from token `first` up to, not including, token `last`."""
        inside = [token for token in self.tokens[first:last] if token.word not in (BREAK, COMMA)]
        return self.text[inside[0].start : inside[-1].end] if inside else ""


def read(text: str, spelling: Spelling) -> Utterance:
    """Split `text` into normalised words and breaks. Never raises; at most MAX_WORDS words are kept."""
    pieces = _pieces(text, spelling)
    pieces = _join_spelled_out(pieces, spelling)
    tokens = _expand(pieces, spelling)
    if len(tokens) > MAX_WORDS:
        half = MAX_WORDS // 2
        tokens = [*tokens[:half], Token(BREAK, tokens[half].start, tokens[half].start), *tokens[-half:]]
    tokens = _drop_fillers(tokens, spelling)
    while tokens and tokens[-1].word in (BREAK, COMMA):  # the frame ends the utterance, once
        tokens.pop()
    end = len(text)
    framed = (Token(BREAK, 0, 0), *tokens, Token(BREAK, end, end))
    starts, position = [], 0
    for token in framed:
        starts.append(position)
        position += len(token.word) + 1
    return Utterance(text, framed, "".join(f"{token.word} " for token in framed), tuple(starts))


def _pieces(text: str, spelling: Spelling) -> list[Token]:
    """Words, breaks and commas as they stand in the text, in lower case, masks and drawn-out letters resolved."""
    # A mask set apart from its letter, "f ***", is joined without moving any offset: a space becomes a mask sign.
    source = _MASK_AFTER_LETTER.sub(lambda found: f"{found[1]}*", text)
    pieces: list[Token] = []
    quoted = False
    balanced = len(_QUOTE.findall(text)) % 2 == 0
    for found in _PIECE.finditer(source):
        start, end = found.span()
        if found.lastgroup == "word":
            pieces += _words(source, start, end, quoted=quoted, spelling=spelling)
        elif found.lastgroup == "stop":
            if not (pieces and pieces[-1].word in spelling.titles):
                pieces.append(Token(BREAK, start, end, quoted))
        elif found.lastgroup == "pause":
            pieces.append(Token(COMMA, start, end, quoted))
        else:
            quoted = balanced and not quoted
    return pieces


def _words(source: str, start: int, end: int, *, quoted: bool, spelling: Spelling) -> list[Token]:
    """The words of one written word: "co-worker" is two, "f-ing" is one because the language knows it."""
    written = _plain(source[start:end])
    if "-" not in written or written in spelling.expand:
        return [Token(spelling.settle(written), start, end, quoted)]
    return [
        Token(spelling.settle(_plain(part[0])), start + part.start(), start + part.end(), quoted)
        for part in _PART.finditer(source[start:end])
    ]


def _plain(word: str) -> str:
    """Lower case, one kind of apostrophe, composed letters, and no word longer than a word can be."""
    folded = unicodedata.normalize("NFKC", word).casefold()
    return (
        re.sub("[’`´]", "'", folded)[:_MAX_WORD_LETTERS].replace(" ", "").replace(BREAK, "").strip("_#")
        or "_"
    )


def _join_spelled_out(pieces: list[Token], spelling: Spelling) -> list[Token]:
    """Join three or more single letters in a row when they spell a word that the rules know."""
    joined: list[Token] = []
    at = 0
    while at < len(pieces):
        run = at
        while (
            run < len(pieces)
            and run - at < spelling.longest
            and len(pieces[run].word) == 1
            and pieces[run].word.isalpha()
        ):
            run += 1
        while run - at >= 3 and "".join(piece.word for piece in pieces[at:run]) not in spelling.spellable:
            run -= 1
        if run - at >= 3:
            word = "".join(piece.word for piece in pieces[at:run])
            joined.append(Token(word, pieces[at].start, pieces[run - 1].end, pieces[at].quoted))
            at = run
        else:
            joined.append(pieces[at])
            at += 1
    return joined


def _expand(pieces: list[Token], spelling: Spelling) -> list[Token]:
    """Write contractions out ("you're" -> "you are"); all words of one keep its place. Stammered words count once."""
    tokens: list[Token] = []
    for piece in pieces:
        for word in spelling.words_of(piece.word):
            again = bool(tokens) and tokens[-1].word == word
            if not again or word.isdigit() or word in spelling.digits:
                tokens.append(Token(word, piece.start, piece.end, piece.quoted))
    return tokens


def _drop_fillers(tokens: list[Token], spelling: Spelling) -> list[Token]:
    """Leave out "um" and "er", unless the caller said nothing else. The "uh" of "uh huh" is no filler."""
    words = [token.word for token in tokens]
    kept = [
        token
        for at, token in enumerate(tokens)
        if token.word not in spelling.fillers
        or any(tuple(words[at : at + len(phrase)]) == phrase for phrase in spelling.filler_phrases)
    ]
    return kept if any(token.word not in (BREAK, COMMA) for token in kept) else tokens
