"""Where a sentence, a word and a character end, in any script. Pure.

Rules and a short table, no dictionary: where they are in doubt a sentence goes on, so that an
excerpt ends a sentence earlier and never inside one. Characters are grapheme clusters as in
UAX 29, found with what `unicodedata` says.
"""

import re
import unicodedata
from collections.abc import Iterator

_MIN_COLUMNS = 80  # fewer make no excerpt; a Chinese character takes two
_CLOSERS = "\"'”’»›)\\]」』）】》"
_END = re.compile(
    # These are written inside words and numbers too: a space must follow.
    rf"[.!?…;\u037e]+[{_CLOSERS}]*(?=\s|$)"
    # These end a sentence wherever they stand: CJK; Arabic, Urdu; Devanagari; Armenian; Ethiopic;
    # Khmer; Myanmar; Tibetan.
    rf"|[。！？｡؟۔।॥։።។៕။།]+[{_CLOSERS}]*"
)
_ABBREVIATIONS = frozenset(
    """al approx bzw ca cf co corp dept dipl dott dr dra dña etc evtl fr gen ggf hon hr inc ing jr
    lic ltd mag mlle mme mr mrs ms mt mx prof rev sgt sig sr sra st str u usw v vgl vs г им
    т ул""".split()
)
_BEFORE_NUMBERS = frozenset(
    """abb apr art aug bd ch chap dec dez eq feb fig jan jul jun kap mar mär mrz no nov nr núm oct
    okt op p par pp s sec sep sept tab vol""".split()
)
_CUT_BY_FEED = re.compile(r"\s*\[\s*(?:…|\.{3})\s*\]\W*$")
# Scripts without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han and their kin.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u31f0-\u9fff\uf900-\ufaff\uff01-\uff9f"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
_COMMA = re.compile("[、，､；：]")


def cut(text: str, limit: int) -> str:
    """The opening of `text` in at most `limit` characters: whole sentences, else whole words.

    What was cut is told by "…"; so is what the feed had cut before, and marked with "[…]".
    """
    whole = _CUT_BY_FEED.sub("", text)
    if len(text) <= limit and whole == text:
        return text
    fitting = [end for end in sentence_ends(whole, limit) if columns(whole[:end]) >= _MIN_COLUMNS]
    if fitting:
        return whole[: fitting[-1]]
    place = len(whole) if len(whole) < limit else _word_end(whole, limit - 1)
    return whole[:place].rstrip(" ,;:、，､；：") + "…"


def sentence_ends(text: str, limit: int) -> Iterator[int]:
    """The places in `text`, none after `limit`, where a sentence ends."""
    for found in _END.finditer(text):
        if found.end() > limit:
            return
        if _ends_sentence(text, found):
            yield found.end()


def _ends_sentence(text: str, found: re.Match[str]) -> bool:
    following = text[found.end() : found.end() + 9].lstrip(" \"'“„‘‚«‹([¿¡")[:1]
    mark = found[0][0]
    if mark in ";\u037e":  # the question mark of Greek, a semicolon elsewhere
        return "GREEK" in unicodedata.name(text[found.start() - 1 : found.start()] or " ", "")
    if mark in ".!?…" and following.islower():
        return False
    if mark != "." or found[0].startswith(".."):
        return True
    before = text[max(0, found.start() - 24) : found.start()].split()[-1:]
    word = before[0].lstrip(_CLOSERS + "“„‘‚«‹([") if before else ""
    return not _is_abbreviated(word, following)


def _is_abbreviated(word: str, following: str) -> bool:
    """Tell whether a full stop after `word` belongs to it, as in "Dr.", "Ph.D.", "J.", "am 5."."""
    small = word.lower()
    if following.isdigit() and small in _BEFORE_NUMBERS:
        return True
    cased_letter = len(word) == 1 and small != word.upper()
    ordinal = len(word) <= 2 and word.isdigit()
    dotted = re.fullmatch(r"(?:[^\W\d_]{1,3}\.)+[^\W\d_]{1,2}", word)
    return small in _ABBREVIATIONS or cased_letter or ordinal or bool(dotted)


def columns(text: str) -> int:
    """How wide `text` is: a Chinese, Japanese or Korean character says as much as two letters."""
    return len(text) + sum(unicodedata.east_asian_width(c) in "WF" for c in text)


def _word_end(text: str, limit: int) -> int:
    """The last place, none after `limit`, where a word ends; a comma where there are no spaces."""
    commas = [found.end() for found in _COMMA.finditer(text, limit // 2, limit)]
    if commas and _UNSPACED.match(text, limit):
        return commas[-1]
    places = (place for place in range(limit, 0, -1) if _parts_words(text, place))
    whole = (place for place in range(limit, 0, -1) if not _joined(text, place))
    return next(places, None) or next(whole, limit)


def _parts_words(text: str, place: int) -> bool:
    if text[place] == " " or text[place - 1] == " ":
        return True
    beside = _UNSPACED.match(text, place) or _UNSPACED.match(text, place - 1)
    in_katakana = all("\u30a0" <= c <= "\u30ff" for c in text[place - 1 : place + 1])
    return bool(beside) and not in_katakana and not _joined(text, place)


def _joined(text: str, place: int) -> bool:
    """Tell whether the characters before and after `place` are one to a reader."""
    before, after = text[place - 1], text[place]
    if unicodedata.category(after)[0] == "M" or before == "\u200d" or after in "\u200c\u200d":
        return True
    if unicodedata.combining(before) == 9:  # a virama joins the letters beside it
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return True  # the colour of a skin; the tags of a flag
    if after in "\u0e33\u0eb3\uff9e\uff9f" or before in "เแโใไເແໂໃໄ":  # vowels of Thai and Lao
        return True
    if _is_flag_half(before) and _is_flag_half(after):
        begun = text[:place].rstrip("".join(map(chr, range(0x1F1E6, 0x1F200))))
        return (place - len(begun)) % 2 == 1
    # Hangul in parts: a consonant and a vowel, or a last consonant, make one syllable.
    lead = "\u1100" <= before <= "\u115f" and "\u1100" <= after <= "\u115f"
    return lead or "\u1160" <= after <= "\u11ff"


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
