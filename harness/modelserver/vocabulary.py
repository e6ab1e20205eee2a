"""The tokens of the random model: bytes, printable ASCII and pronounceable syllables.

A SentencePiece vocabulary needs an unknown token, the two sentence marks and all 256 bytes, so that
any text can be encoded. Syllables give prompts and answers about as many characters per token as a
trained vocabulary has, and answers that a log shows as words.
"""

from itertools import product

from msgspec import Struct

CONSONANTS = "bcdfghjklmnprstvwyz"
VOWELS = "aeiou"
SPACE = "\u2581"
"""How SentencePiece writes a blank."""

NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6
"""Token types of llama.cpp (`llama_token_type`)."""

UNKNOWN_ID, BEGIN_ID, END_ID = 0, 1, 2
SPOKEN_FROM = 3 + 256
"""The first token after marks and bytes: from here on they are text by themselves."""


class Token(Struct, frozen=True):
    """One entry of the vocabulary; `score` orders merges: the higher merges first."""

    text: str
    kind: int
    score: float


def vocabulary(size: int) -> tuple[Token, ...]:
    """Return exactly `size` tokens, the same every time.

    Raises ValueError where `size` is below the marks and bytes, or above what syllables can fill.
    """
    marks = [Token("<unk>", UNKNOWN, 0.0), Token("<s>", CONTROL, 0.0), Token("</s>", CONTROL, 0.0)]
    octets = [Token(f"<0x{octet:02X}>", BYTE, 0.0) for octet in range(256)]
    texts = _pieces()
    if not SPOKEN_FROM < size <= SPOKEN_FROM + len(texts):
        raise ValueError(
            f"a vocabulary has {SPOKEN_FROM + 1} to {SPOKEN_FROM + len(texts)} tokens, not {size}"
        )
    pieces = [Token(text, NORMAL, -float(rank)) for rank, text in enumerate(texts[: size - SPOKEN_FROM])]
    return (*marks, *octets, *pieces)


def _pieces() -> list[str]:
    letters = [SPACE, *(chr(code) for code in range(ord("!"), ord("~") + 1))]
    open_syllables = [consonant + vowel for consonant, vowel in product(CONSONANTS, VOWELS)]
    closed_syllables = [syllable + consonant for syllable, consonant in product(open_syllables, CONSONANTS)]
    return [
        *letters,
        *(SPACE + syllable for syllable in open_syllables),
        *open_syllables,
        *(SPACE + syllable for syllable in closed_syllables),
        *closed_syllables,
    ]
