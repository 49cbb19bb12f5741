"""Which code page a file is in that is not UTF-8: told by its words, or not told at all; names are never guessed.

A word is natural in a code page when each of its letters beyond ASCII stands beside letters beside which names of that
page's languages have it: `Dvo\xf8\xe1k` is no word of Windows-1252, since no western ø stands between an o and an á.
Detectors that count letters need pages of text: of files with one such name they misread every other.
"""

import codecs
import itertools
import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from workbench.errors import UnknownName

WESTERN, CENTRAL, CYRILLIC, JAPANESE = "cp1252", "cp1250", "cp1251", "cp932"
# What can be said of a file, in the order in which it is offered, and what people call it.
PAGES = {
    WESTERN: "Western European (Windows-1252)", CENTRAL: "Central European (Windows-1250)",
    CYRILLIC: "Cyrillic (Windows-1251)", JAPANESE: "Japanese (Shift-JIS)", "cp1254": "Turkish (Windows-1254)",
    "cp1257": "Baltic (Windows-1257)", "cp1253": "Greek (Windows-1253)", "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)", "cp874": "Thai (Windows-874)", "cp1258": "Vietnamese (Windows-1258)",
    "gb18030": "Chinese (GBK, GB18030)", "big5hkscs": "Chinese, traditional (Big5)", "cp949": "Korean (EUC-KR)",
    "euc_jp": "Japanese (EUC-JP)", "koi8-u": "Cyrillic (KOI8)", "cp866": "Cyrillic (DOS)",
    "mac-roman": "Western European (Macintosh)", "cp850": "Western European (DOS)",
    "cp852": "Central European (DOS)", "iso8859-2": "Central European (ISO 8859-2)",
    "iso8859-1": "Western European (ISO 8859-1)", "utf-8": "Unicode (UTF-8)", "utf-16": "Unicode (UTF-16)",
    "utf-16-le": "Unicode (UTF-16, little end)", "utf-16-be": "Unicode (UTF-16, big end)",
}  # fmt: skip
_AS_OURS = {"gbk": "gb18030", "gb2312": "gb18030", "shift_jis": JAPANESE, "big5": "big5hkscs", "cp950": "big5hkscs",
            "euc_kr": "cp949", "koi8-r": "koi8-u", "utf-8-sig": "utf-8", "ascii": "utf-8"}  # fmt: skip
SHOWN = 30  # characters of a sample
ENOUGH = 6  # letters by which a script is told
_AZ = string.ascii_lowercase

Neighbours = Mapping[str, tuple[str, str]]  # a letter: what stands before it (^ the beginning), after it ($ the end)
_WESTERN: Neighbours = {
    "ß": ("aeiouöü", f"${_AZ}"), "à": ("^bcdfgijlmnprstvz", "$bclmnpru"), "á": (f"^{_AZ}ðñ", f"${_AZ}ðñ"),
    "â": ("^bcdghilmprtuvwzé", "bglmnqt"), "ã": ("cdeghijlmnoprstvç", "$eo"), "ä": (f"^{_AZ}ä", f"${_AZ}ä"),
    "å": ("^abdefghklmnprstv", "$bdegklnrstv"), "æ": ("^bdfhjklmnprstv", "bdfgklmnrstv"),
    "ç": ("^aceinopruí", "aouãõú"), "è": ("^bcdfghijlmnoprstuvyz", "$bcdglmnpqrstvz"), "é": (f"^{_AZ}é", f"${_AZ}âé"),
    "ê": ("^bcdfghilmnoprtuv", "$clmnpqrstvx"), "ë": ("aeiou", "$glmnrst"), "ì": ("bcdfglmprsz", "$"),
    "í": (f"^{_AZ}ñ", f"${_AZ}çðñ"), "î": ("^abdnou", "clmnt"), "ï": ("aeou", "$bcdefkmnqrstv"),
    "ð": ("aeioruyáæéíóöúý", "$abdfgijlnrsuváóýþ"), "ñ": ("^aeiouáíóú", "aeiouáíó"),
    "ò": ("^bcdfgilmnprstuvz", "$bdnprsx"), "ó": (f"^{_AZ}ñóþ", f"${_AZ}ðñó"), "ô": ("^abcdhlmnprstvz", "$dlmnrt"),
    "õ": ("^jklmnprstvçõ", "$deghilmnrstuvõ"), "ö": (f"^{_AZ}ö", f"${_AZ}ßðö"),
    "ø": ("^bdfghjklmnprstv", "$abdegijklmnprstvy"), "ù": ("bcdfgilmnoprstvz", "$"), "ú": (f"^{_AZ}ç", f"${_AZ}ðñ"),
    "û": ("bdeflmors", "celnrt"), "ü": (f"^{_AZ}", f"${_AZ}ß"), "ý": ("dlnt", "$r"),
    "þ": ("^fglrsáæéíðóöúý", "ejoruvyáæéíóöúý"), "œ": ("^bcns", "iu"), "š": (f"^{_AZ}", f"${_AZ}"),
    "ž": (f"^{_AZ}", f"${_AZ}"),
}  # fmt: skip
_CENTRAL: Neighbours = {
    "ß": ("aeiouäöü", f"${_AZ}"), "á": (f"^{_AZ}čďňřťž", f"${_AZ}čľňřšťž"), "â": ("cfgmprstv", "dilmnrş"),
    "ä": (f"^{_AZ}", f"${_AZ}"), "é": (f"^{_AZ}", f"${_AZ}"), "í": (f"^{_AZ}čřšž", f"${_AZ}čřšž"),
    "î": ("^dpv", "lmnr"), "ó": (f"^{_AZ}łż", f"${_AZ}łźż"), "ô": ("hkmt", "jlrň"), "ö": (f"^{_AZ}", f"${_AZ}"),
    "ú": (f"^{_AZ}", f"${_AZ}č"), "ü": (f"^{_AZ}", f"${_AZ}"), "ý": ("cjklmnrtvzčž", "$cjknrstv"),
    "ă": ("bcdfghjlmnprstzşţ", "$bcdgilmnprstuvzşţ"), "ą": ("bcdfghijklmnprstwzćłńśźż", "$bcdgkmnpstzćłśźż"),
    "ć": ("^aeimouyóąęłńśš", "$aeijmopuwył"), "č": ("^abeijklnopruvyzáéíóúýěĺŕřšů", "$abeiknouáéíýěů"),
    "ď": ("^", "akuá"), "đ": ("^aeiunorv", "$aeijov"), "ę": ("bcdfhijklnstwzćłńśźż", "bcdgklpstzćśźż"),
    "ě": ("bdfmnptv", "$cdhjklmnprstvzčěňřšťž"), "ľ": ("^adeiopuyáô", "$aikmnosuč"),
    "ł": (f"^{_AZ}óąćęśźż", f"${_AZ}óąćęńśźż"), "ń": ("aeiouyóąę", "$bcdgksz"),
    "ň": ("aeioruyáéíôúýŕšž", "$aeikostuáč"),
    "ő": ("^bdgklnrstvyz", "$bdfghiklmnprstvz"), "ŕ": ("kvz", "bnčň"),
    "ř": ("^abdefghikoptuvyzáéíúě", "$aeikosuáéíšťů"), "ś": ("^aeijlnoruwyóąćęł", "$aceiklmnprtwćź"),
    "ş": ("^aceinotuâîă", "$abceilmnoptuvâîă"), "š": (f"^{_AZ}áéíóúýě", f"${_AZ}áéíóúýćčěňť"),
    "ţ": ("^acilnouâîă", "$aeiuâîă"), "ť": ("^aceilrsuáýčš", "$aeikosuáč"),
    "ů": ("bcdfghjklmnprstvzčřšž", "bcdhjklmnprstvzčž"), "ű": ("^bdfghklmnrstyz", "$bclmnprsvzü"),
    "ź": ("^adeilnoruwóąęłś", "$abdeiklmnruw"), "ż": ("^adeilmnoruwyóąęłź", "$abcdeijklmnouwyóąę"),
    "ž": (f"^{_AZ}áéíóúýěů", f"${_AZ}áéíóúýćčěňť"),
}  # fmt: skip
# A letter that is a vowel in the western reading: between two consonants it is one, and no č or ř.
_CLUSTER = re.compile("[bcdfghjklmnpqrstvwxzčřšž][čćďđňřť][bcdfghjklmnpqrstvwxzčřšž]")
# What Turkish has for itself, and all that it has: the other two pages read letters of their own in the former.
_OWN_TURKISH = frozenset("ğışĞİŞ".encode("cp1254"))
_TURKISH = _OWN_TURKISH | frozenset("çöüâîûÇÖÜ".encode("cp1254"))
_WORD = re.compile(r"[A-Za-z\x80-\uffff]+")
_BETWEEN = re.compile("[’‘´`–—…·°\xa0\xad]+")  # signs that stand within what is written together
_BEFORE, _AFTER = "“”„‚«»‹›¿¡•€", "“”«»‹›•€†®™©"
# Signs by themselves, and m², Mª, nº: of whatever code page, they are no names. Nor is a single letter.
_ALONE = re.compile("[“”„‚«»‹›•€†’‘´`–—…·°\xa0\xad®™©£¥±²³½¼¾×ªº§µ¢÷]{0,2}|[A-Za-z]{1,2}[²³ªº]|µ[A-Za-z]")
_VOWELS = "аеёиоуыэюяіїєѐѝ"
_CYRILLIC = re.compile("[а-яёђѓєѕіїјљњќћўџґ]+")
# No й after a consonant, no ь after a vowel, no word that begins with one: as Greek and Hebrew look when misread.
_NOT_CYRILLIC = re.compile(
    rf"(?<=[^{_VOWELS}])й|[{_VOWELS}]ь|[аоуыэюя]ы|^[ьыъ](?!гъл)|ьь|ъъ|[ыэ]{{2}}|[{_VOWELS}]{{4}}|[^{_VOWELS}ъь]{{5}}"
)
_JAPANESE = re.compile("[\u3005\u3006\u3040-\u30ff\u4e00-\u9fff]")
_GLUED = re.compile(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")


def named(name: str) -> str:
    """Return what Python calls an encoding that was said. Raises UnknownName for one that is not read here."""
    try:
        found = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):  # also for a NUL in it
        found = ""
    found = _AS_OURS.get(found, found)
    known = {codecs.lookup(page).name: page for page in PAGES}
    if found not in known:
        raise UnknownName("encoding", name, PAGES)
    return known[found]


def fitting(fields: Iterable[bytes]) -> tuple[str, ...]:
    """Return the code pages in which all of these bytes stand for something, in the order of PAGES."""
    fields = tuple(fields)
    pages = [page for page in PAGES if not page.startswith("utf")]
    return tuple(page for page in pages if all(_decoded(field, page) is not None for field in fields))


def sample(fields: Sequence[bytes], page: str) -> str:
    """Return how the first of a file's fields reads in a code page, for people to choose by."""
    return fields[0].decode(page, "replace").strip()[:SHOWN]


def told_by(fields: Sequence[bytes]) -> str | None:
    """Return the code page that the words of a file's fields prove; None where they prove none, so that it is asked.

    `fields` are different ones, each with a byte beyond ASCII.
    """
    if _may_be_turkish(fields):
        return None
    pairs = {pair for field in fields for pair in zip(_words(field, WESTERN), _words(field, CENTRAL), strict=True)}
    pairs = {
        pair for pair in pairs if not (pair[0].isascii() or pair[0].lower() in _WESTERN or _ALONE.fullmatch(pair[0]))
    }
    # Whether each word is natural in the one, and in the other.
    natural = [
        (_is_natural(west, _WESTERN), _is_natural(central, _CENTRAL) and not _CLUSTER.search(central.lower()))
        for west, central in pairs
    ]
    western, central = natural.count((True, False)), natural.count((False, True))
    if natural.count((False, False)) * 5 <= len(natural):
        if western > 4 * central or all(west == other for west, other in pairs):
            return WESTERN
        if central > 4 * western and CENTRAL in fitting(fields) and not _may_be_icelandic(fields):
            return CENTRAL
    if (western + natural.count((True, True))) * 4 > len(natural):
        return None
    return next((page for page, is_told in _SCRIPTS.items() if is_told(fields)), None)


def _decoded(field: bytes, page: str) -> str | None:
    try:
        return field.decode(page)
    except UnicodeDecodeError:
        return None


def _words(field: bytes, page: str) -> list[str]:
    """Return the words of a field; a byte that stands for nothing is part of a word, and no letter."""
    return _WORD.findall("".join(map(_letters(page).__getitem__, field)))


@cache
def _letters(page: str) -> list[str]:
    return [_decoded(bytes([byte]), page) or chr(byte) for byte in range(256)]


def _is_natural(word: str, beside: Neighbours) -> bool:
    return all(_is_natural_part(part, beside) for part in _BETWEEN.split(word))


def _is_natural_part(part: str, beside: Neighbours) -> bool:
    part = re.sub(rf"^[{_BEFORE}]{{1,2}}|[{_AFTER}]{{1,2}}$", "", part)
    if _ALONE.fullmatch(part):
        return True
    if len(part) > 1 and not any(map(str.isascii, part)):
        return False
    if any(
        one.islower() and other.isupper() and not (one + other).isascii() for one, other in itertools.pairwise(part)
    ):
        return False
    marked = f"^{part.lower()}$"
    return all(
        letter.isascii()
        or (letter in beside and marked[at - 1] in beside[letter][0] and marked[at + 1] in beside[letter][1])
        for at, letter in enumerate(marked)
    )


def _may_be_turkish(fields: Iterable[bytes]) -> bool:
    found = {byte for byte in b"".join(fields) if byte > 0x7F}
    return found <= _TURKISH and not found.isdisjoint(_OWN_TURKISH)


def _may_be_icelandic(fields: Iterable[bytes]) -> bool:
    """Tell whether all that the two Latin pages read differently are the bytes of ð and þ."""
    western, central = _letters(WESTERN), _letters(CENTRAL)
    return {byte for byte in b"".join(fields) if western[byte] != central[byte]} <= _OWN_TURKISH


def _is_cyrillic(fields: Iterable[bytes]) -> bool:
    texts = [_decoded(field, CYRILLIC) for field in fields]
    words = {
        word
        for text in texts
        for word in _WORD.findall("\ufffd" if text is None else text.replace("№", ""))
        if not word.isascii()
    }
    natural = [word for word in words if _is_cyrillic_word(word)]
    letters = "".join(natural)
    return (
        len(natural) * 20 >= len(words) * 19
        and len(letters) >= ENOUGH
        and sum(letter in f"{_VOWELS}ъ" for letter in letters.lower()) * 4 >= len(letters)
        and any(word[0].isupper() and not word.isupper() for word in natural)
    )


def _is_cyrillic_word(word: str) -> bool:
    lower = word.lower()
    is_cased = word in (lower, word.upper(), word[0] + lower[1:])
    return bool(is_cased and _CYRILLIC.fullmatch(lower) and not _NOT_CYRILLIC.search(lower))


def _is_japanese(fields: Iterable[bytes]) -> bool:
    texts = [_decoded(field, JAPANESE) for field in fields]
    whole = "\n".join(text or "\ufffd" for text in texts)
    signs = [sign for sign in whole if not sign.isascii()]
    # Kana and the kanji of the first level; a letter and a byte that are taken for one kanji are of the second.
    usual = [sign for sign in signs if _JAPANESE.match(sign) and sign.encode(JAPANESE)[0] < 0x98]
    return None not in texts and len(signs) > 1 and len(usual) * 10 >= len(signs) * 7 and not _GLUED.search(whole)


_SCRIPTS: dict[str, Callable[[Sequence[bytes]], bool]] = {JAPANESE: _is_japanese, CYRILLIC: _is_cyrillic}
