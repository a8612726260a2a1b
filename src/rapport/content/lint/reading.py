"""How many years of school a text asks for. Patients: grade 6.

- English: Flesch-Kincaid grade level, 0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid et al. 1975, Research Branch
  Report 8-75).
- Spanish: Flesch-Szigriszt ease with the bands of the INFLESZ scale, 206.835 - 62.3 syllables a word - words a sentence
  (Szigriszt 1993; Barrio-Cantalejo et al. 2008, An. Sist. Sanit. Navar. 31(2)); the bands are read as school years here:
  over 80 is grade 4, over 65 grade 6, over 55 grade 8, over 40 grade 11, below grade 14, and between the bands in a straight line.

Syllables are counted by rule, not from a dictionary; under thirty words no grade is told.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from rapport.content import plaintext
from rapport.content.lint.findings import Finding, Rule, Wording

PATIENTS = 6.0
FEWEST = 30
_LIQUID = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}")
_TOKEN, _ADDRESS = re.compile(r"\S+"), re.compile(r"https?://|www\.|@")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_VOWELS = re.compile(r"[aeiouy]+")
_BANDS = ((100.0, 2.0), (80.0, 4.0), (65.0, 6.0), (55.0, 8.0), (40.0, 11.0), (0.0, 14.0))


def level(wording: Wording) -> Iterator[Finding]:
    """Longer words and sentences than a patient should have to read."""
    found = grade(wording.text if wording.channel == "sms" else plaintext.from_html(wording.html), wording.spoken)
    if found is not None and found > PATIENTS:
        message = f"It reads like grade {found:.0f}; letters to patients aim at grade {PATIENTS:.0f}."
        yield Finding("reading", "warning", "body", message, "Shorter sentences, everyday words.")


def grade(text: str, language: str) -> float | None:
    """The school grade of a text; None when it is too short to tell."""
    said = _TOKEN.sub(lambda one: "" if _ADDRESS.search(one[0]) else one[0], _LIQUID.sub("Pat", text))
    sentences = [one for one in re.split(r"[.!?:;]+\s|\n+", said) if len(_WORD.findall(one)) > 1]
    words = [word for one in sentences for word in _WORD.findall(one)]
    if len(words) < FEWEST:
        return None
    per_sentence = len(words) / len(sentences)
    spanish = language.startswith("es")
    per_word = sum((_spanish if spanish else _english)(word.lower()) for word in words) / len(words)
    if not spanish:
        return round(max(0.0, 0.39 * per_sentence + 11.8 * per_word - 15.59), 1)
    return round(_of_ease(206.835 - 62.3 * per_word - per_sentence), 1)


def _of_ease(ease: float) -> float:
    ease = min(100.0, max(0.0, ease))
    for (high, easy), (low, hard) in pairwise(_BANDS):
        if ease >= low:
            return easy + (hard - easy) * (high - ease) / (high - low)
    return _BANDS[-1][1]


def _english(word: str) -> int:
    """Groups of vowels, without a silent e or ed at the end; “being” has two."""
    count = len(_VOWELS.findall(word)) + bool(re.search(r"[aeiouy]ing$", word))
    if count > 1 and (
        (word.endswith("e") and not re.search(r"[^aeiou]le$", word)) or re.search(r"[^aeioutd]ed$", word)
    ):
        count -= 1
    return max(1, count)


def _spanish(word: str) -> int:
    """Vowel groups; two strong vowels, or a weak one with an accent, part company."""
    word = re.sub(r"qu(?=[eiéí])|gu(?=[eiéí])", "q", word)
    groups = re.findall(r"[aeiouáéíóúüy]+", word if word == "y" else re.sub(r"y(?=[aeiouáéíóú])", "h", word))
    count = 0
    for one in groups:
        count += 1 + len(re.findall(r"(?=[aeoáéó][aeoáéó]|[íú][aeoáéó]|[aeoáéó][íú])", one))
    return max(1, count)


RULES = (Rule("reading", "reading", "Grade 6 for patients", "Flesch-Kincaid; INFLESZ", level),)
