"""Find a program's topics in the words of posts, in whatever form the words stand. Pure.

Words are cut down to their stems by the Snowball rules of the newsletter's language, so that
"hips" and "hip", "Übungen" and "Übung" are the same topic.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

# By ISO 639-1. A language that is not here is compared word by word.
_ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
# Thai, Lao, Khmer, Chinese, Japanese, Korean: no spaces between words, or endings grown on.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1780-\u17ff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


class TextStems:
    """The words of one text, cut down to their stems once, to look for many topics in."""

    def __init__(self, text: str, language: str) -> None:
        self._text = text.casefold()
        self._language = language
        # Between spaces, so that a topic of several words is found as a whole.
        self._stems = f" {' '.join(_stems(self._text, language))} "

    def speak_of(self, topic: str) -> bool:
        """Tell whether a topic of one or more words is in the text."""
        if _UNSPACED.search(topic):
            return topic.casefold() in self._text
        stems = " ".join(_stems(topic.casefold(), self._language))
        return bool(stems) and f" {stems} " in self._stems


def count_topics(topics: Iterable[str], texts: Sequence[TextStems]) -> dict[str, int]:
    """In how many of the texts each topic is spoken of; those that no text has are left out."""
    counts = {topic: sum(text.speak_of(topic) for text in texts) for topic in topics}
    return {topic: count for topic, count in counts.items() if count}


def _stems(text: str, language: str) -> list[str]:
    algorithm = _ALGORITHMS.get(language.casefold().partition("-")[0], "")
    return [_stem(word, algorithm) for word in re.findall(r"\w+", text)]


@cache
def _stemmer(algorithm: str) -> Any:
    import snowballstemmer  # late: `status` needs none, and must be quick

    return snowballstemmer.stemmer(algorithm)


@cache
def _stem(word: str, algorithm: str) -> str:
    return str(_stemmer(algorithm).stemWord(word)) if algorithm else word
