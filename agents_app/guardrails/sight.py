"""What only a picture can say: a reply may repeat it where it says that it is from there, and claims nothing by it."""

from __future__ import annotations

import re
from collections.abc import Callable

from .folding import fold

#: Returns what was shown of an answer before.
Shown = Callable[[], str]

#: How far back the sentence may begin, and what introduces it; and how far on it may go.
REACH = 800
MOST_AFTER = 400
# Not behind “no.”, “Nr.”, “ref.” and a letter alone.
_SENTENCE_ENDS = re.compile(
    r"(?<!\bno)(?<!\bnr)(?<!\bref)(?<!\bNo)(?<!\bNr)(?<!\bRef)(?<!\b\w)[.!?…]+[\"')\]*_`»”]*(?=\s)|[。！？؟]|\n"
)
_PICTURES = (
    r"pictures?|photos?|photograph\w*|images?|screen ?shots?|snapshots?|scan(?:s|ned|ne)?|attachment|upload(?:ed)?"
    r"|\w*bild(?:er|s|schirmfoto)?|\w*foto\w*|anhang|hochgeladen\w*|capture|piece jointe|imagen(?:es)?|captura"
    r"|adjunt[oa]\w*|imagem|imagens|anex[oa]|immagin[ei]|allegat[oa]"
)
_PAPERS = (
    r"boarding ?(?:pass|card)(?:es)?|bordkarte|carte d.embarquement|tarjeta de embarque|cartao de embarque"
    r"|carta d.imbarco|(?:bag(?:gage)?|luggage) (?:tag|label|receipt)|gepack\w+|etiquette|etiqueta|etichetta|tag|label"
    r"|receipt|quittung|beleg|recu|recibo|ricevuta|documento?|dokument|e?-?tickets?|billet|billete|bilhete|biglietto"
    r"|itinerary|voucher|gutschein|print ?out|ausdruck|form|letter|brief|page|seite"
)
_ON = (
    r"(?:on|from|in|per|to|at|auf|aus|von|laut|sur|dans|de|d'apres|selon|en|segun|no|na|do|da|sul|sulla|dal|dalla|nel"
    r"|nella)\s(?:(?:the|your|this|that|der|dem|die|den|das|ihre[rmn]?|diese[rmn]?|deine[rmn]?|la|le|l.|votre|cette|ce"
    r"|el|su|tu|esta|este|o|a|sua|seu|tua|il|suo)\s?)?(?:\w+\s){0,2}?"
)
_SHOWS = (
    r"\s(?:you (?:sent|shared|showed|uploaded|attached)\s)?(?:shows?|says?|reads?|has|gives?|bears?|lists?|carries"
    r"|zeigt|steht|nennt|tragt|indique|montre|porte|affiche|muestra|dice|indica|pone|mostra|diz|traz|riporta)\b"
)
_READS = (
    r"\bit (?:says|reads|shows)\b|\bI (?:can |could )?(?:read|make out) (?!your)|\bes steht\b|\bil est ecrit\b"
    r"|\bon y lit\b|\besta escrito\b|\bc'e scritto\b|と書いて|と記載|写着|寫著|مكتوب"
)
_MENTIONS = re.compile(
    rf"\b(?:{_PICTURES})\b|{_ON}(?:{_PAPERS})\b|\b(?:{_PAPERS}){_SHOWS}|{_READS}"
    r"|\byou(?:'ve| have)? (?:sent|shared|uploaded|attached|showed|photographed)\b"
    r"|画像|写真|添付|スクリーンショット|搭乗券|图片|照片|截图|登机牌|附件|圖片|相片|截圖|登機證|登機牌"
    r"|صور[ةه]|لقطة|بطاقة الصعود|المرفق",
    re.IGNORECASE,
)
# Said of what was mentioned before.
_THERE = re.compile(
    r"\b(?:on it|in it|(?:is|as) (?:shown|printed|written)|darauf|darin|dort steht|y figure|y lis|ahi (?:dice|pone)"
    r"|ali (?:diz|consta))\b",
    re.IGNORECASE,
)
# What is new, or was done just now, is from no picture.
_CLAIMS = re.compile(
    r"\b(?:new|rebooked|re-?issued|(?:I|we)(?:'ve| have)?(?: \w+)? (?:booked|reserved|changed|issued|made|created|moved"
    r"|switched|refunded|cancelled|confirmed)|(?:is|are|been|now) (?:booked|rebooked|confirmed)|neue[rsn]?|umgebucht"
    r"|gebucht|ausgestellt|nouve(?:au|l|lle)|reserve pour|change|nuev[oa]|cambiado|reservado|nov[oa]|alterei|reservei"
    r"|nuov[oa]|cambiato|prenotato)\b|新しい|変更しました|予約しました|新的|新预订|已改|已为您|已為您|جديد|حجزت",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(
    r"\b(?:can(?:'t|not)|could(?:n't| not)|unable|(?:did|do|does|is)(?:n't| not)|no|not|never)\b[^.!?\n]{0,30}?"
    r"\b(?:find|found|locate|look up|exist|match|recogni[sz]e|know|belong|see|bookings?|reservations?)\b"
    r"|\b(?:nicht|kein\w*)\b[^.!?\n]{0,60}?\b(?:find\w*|gefunden|bekannt|existiert|gehort|buchung\w*)\b"
    r"|\b(?:buchung\w*)\b[^.!?\n]{0,60}?\b(?:nicht|keine)\b|\b(?:aucune?|introuvable|(?:n'|ne )\w+ pas)\b"
    r"|\b(?:no (?:encuentr|encontr|existe|he (?:encontr|podido)|hay|pude)\w*|ningun\w*)\b"
    r"|\b(?:nao (?:encontr|existe|consegui|ha|localiz)\w*|nenhum\w*)\b"
    r"|\b(?:non (?:trov|ho trovato|esiste|riesco)\w*|nessun\w*)\b"
    r"|見つかりま|ありません|存在しま|找不到|没有|沒有|未找到|不存在|لم (?:أجد|أعثر|نجد)|لا (?:يوجد|أجد)",
    re.IGNORECASE,
)
_BUT = re.compile(
    r"\b(?:but|however|instead|though|aber|sondern|doch|mais|pero|sino|mas|porem|ma)\b|但|ですが|しかし|لكن",
    re.IGNORECASE,
)
_LIST_LINE = re.compile(r"\s*(?:[-*•|>#]|\d+[.)])|[^\n]{0,60}[:：]|\s*$")


class Sight:
    """What stands around a place in an answer, as its reader sees it."""

    def __init__(self, answer: str, place: int) -> None:
        before = fold(answer[max(place - REACH, 0) : place])
        self._after = fold(answer[place : place + MOST_AFTER])
        ends = [found.end() for found in _SENTENCE_ENDS.finditer(before + self._after[:1], 0, len(before))]
        start = ends[-1] if ends else 0
        self._earlier, self._before = before[:start], before[start:]
        end = _SENTENCE_ENDS.search(self._after)
        self.is_over = end is not None
        if end is not None:
            self._after = self._after[: end.start()]

    def is_from_picture(self) -> bool:
        """Say whether what is there is said to be read from a picture, or not to be found.

        What comes behind it in its sentence counts, too; what claims something doesn't.
        """
        before, after = self._before, self._after
        if _CLAIMS.search(before):
            return False
        if (missed := _NOT_FOUND.search(before)) and not _BUT.search(before, missed.end()):
            return True
        if _MENTIONS.search(before) or _is_introduced(self._earlier, before):
            return True
        if _THERE.search(before) and _MENTIONS.search(self._earlier, max(len(self._earlier) - REACH // 2, 0)):
            return True
        return _CLAIMS.search(after) is None and bool(_MENTIONS.search(after) or _NOT_FOUND.search(after))


def _is_introduced(introduction: str, line: str) -> bool:
    """Say whether a line of a list stands below words that say it's from a picture, and end in a colon."""
    if not _LIST_LINE.match(line):
        return False
    for earlier in reversed(introduction.splitlines()):
        words = earlier.rstrip(" *_")
        if words.endswith((":", "：")) and _MENTIONS.search(words):
            return _CLAIMS.search(words) is None
        if not _LIST_LINE.match(earlier):
            return False
    return False
