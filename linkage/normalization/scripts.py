"""Other scripts in Latin letters, by the tables passports use.

Cyrillic after ICAO 9303 part 3 section 6 (table B), Greek after ELOT 743 (ISO 843 type 2): what a
machine-readable passport shows, and so what a desk copies from it. Arabic and Hebrew letters become
consonants alone, as their vowels are not written: two Arabic spellings agree, an Arabic and a Latin
one do not.
"""

import re

_CYRILLIC = dict(
    zip(
        "абвгдезийклмнопрстуфыэ",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "z",
            "i",
            "i",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "y",
            "e",
        ],
        strict=True,
    )
) | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "ie", "ь": ""}
_CYRILLIC |= {"ю": "iu", "я": "ia", "ё": "e", "є": "ie", "і": "i", "ї": "i", "ґ": "g", "ў": "u"}
_CYRILLIC |= {"ђ": "d", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "џ": "dz", "ѓ": "g", "ќ": "k"}
_CYRILLIC |= {"ѕ": "dz", "қ": "k", "ғ": "g", "ә": "a", "ө": "o", "ү": "u", "ұ": "u", "ң": "n"}
_GREEK = dict(
    zip(
        "αβγδεζηικλμνξοπρσςτυφω",
        [
            "a",
            "v",
            "g",
            "d",
            "e",
            "z",
            "i",
            "i",
            "k",
            "l",
            "m",
            "n",
            "x",
            "o",
            "p",
            "r",
            "s",
            "s",
            "t",
            "y",
            "f",
            "o",
        ],
        strict=True,
    )
) | {"θ": "th", "χ": "ch", "ψ": "ps"}
_GREEK |= {"ά": "a", "έ": "e", "ή": "i", "ί": "i", "ό": "o", "ύ": "y", "ώ": "o"}
_GREEK |= {"ϊ": "i", "ϋ": "y", "ΐ": "i", "ΰ": "y"}
_ARABIC = {"ا": "a", "أ": "a", "إ": "a", "آ": "a", "ب": "b", "ت": "t", "ة": "h", "ث": "th"}
_ARABIC |= {"ج": "j", "ح": "h", "خ": "kh", "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "س": "s"}
_ARABIC |= {"ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "", "غ": "gh", "ف": "f"}
_ARABIC |= {"ق": "q", "ك": "k", "ک": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "w"}
_ARABIC |= {"ي": "y", "ی": "y", "ى": "a", "ئ": "y", "ؤ": "w", "ء": "", "پ": "p", "چ": "ch"}
_ARABIC |= {"ژ": "zh", "گ": "g", "ـ": ""}
_HEBREW = {"א": "", "ב": "b", "ג": "g", "ד": "d", "ה": "h", "ו": "v", "ז": "z", "ח": "h"}
_HEBREW |= {"ט": "t", "י": "y", "כ": "k", "ך": "k", "ל": "l", "מ": "m", "ם": "m", "נ": "n"}
_HEBREW |= {"ן": "n", "ס": "s", "ע": "", "פ": "p", "ף": "p", "צ": "ts", "ץ": "ts", "ק": "k"}
_HEBREW |= {"ר": "r", "ש": "sh", "ת": "t"}
_TABLE = str.maketrans(_CYRILLIC | _GREEK | _ARABIC | _HEBREW)
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u04ff\u0590-\u06ff]")
_PAIRS = (
    (re.compile("γ(?=[γξχ])"), "n"),
    (re.compile("ου|οὐ|ού"), "ou"),
    (re.compile(r"\bμπ"), "b"),
    (re.compile("([αεη])(?:υ|ύ)(?=[βγδζλμνραεηιοωάέήίόώ])"), r"\1v"),
    (re.compile("([αεη])(?:υ|ύ)"), r"\1f"),
)
"""Greek pairs that sound as one (ELOT 743)."""


def romanized(text: str) -> str:
    """Lower-case text with Cyrillic, Greek, Arabic and Hebrew letters in Latin ones."""
    if not _FOREIGN.search(text):
        return text
    for pair, latin in _PAIRS:
        text = pair.sub(latin, text)
    return text.translate(_TABLE)
