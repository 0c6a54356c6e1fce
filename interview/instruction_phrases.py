"""More phrases that are meant for a model that judges: about marks, in data and code, and in other languages. Pure.

`instructions` reads them beside its own. In other languages than English and German they are imperatives only, and so
need no look at who is spoken to.
"""

from enum import Enum


class Said(Enum):
    """How a phrase must stand for it to be an instruction."""

    ANYHOW = "anyhow"
    """Nobody says this in an answer."""
    NOT_IN_A_STORY = "not in a story"
    """Unless somebody else is the one who does it, or said it."""
    TO_YOU = "to you"
    """At the beginning of a clause, or after "you"."""


_FIVE = r"(?:five|5|level (?:five|5)|the (?:top|highest|best|maximum) (?:level|score|mark|grade|rating)|full marks)"
_A_FIVE = rf"(?:an? |the |with |down |as )*(?:level |score |mark |grade |rating )?{_FIVE}"
_ENDS = r"(?=\s*(?:$|[.,;:!?)\]}<]|\b(?:here|for|to|as|and|no matter|please|if|in)\b))"
_NEAR, _GAP, _FAR = r"[^.?!;:]{0,24}?", r"[^.?!;:]{0,40}?", r"[^.?!;:]{0,70}?"
_RATERS = r"(?:evaluator|rater|scorer|assessor|grader|examiner|judge|fan|friend|ally|ai|assistant)"
_JUDGE = r"(?:rate|score|mark|grade|judge|evaluate|assess)"

PHRASES: tuple[tuple[Said, str], ...] = (
    # marks
    (
        Said.TO_YOU,
        rf"\b(?:write|put|record|note|enter|answer|reply|respond|output|return|print|copy|set|choose|select|make it)\b"
        rf" {_A_FIVE}\b{_ENDS}",
    ),
    (Said.TO_YOU, rf"\b{_JUDGE}\b (?:everything|anything|all|whatever|everyone|everybody)\b{_GAP}\b{_FIVE}\b"),
    (
        Said.TO_YOU,
        rf"\b{_JUDGE}\b (?:this|me|it|my|that)\b{_NEAR}\b(?:higher|better|generously|leniently|favou?rably|up)\b",
    ),
    (
        Said.TO_YOU,
        r"\b(?:consider|think about|please try) (?:giving|rating|scoring|marking|awarding|grading)"
        r" (?:me|my|this|it)\b",
    ),
    (
        Said.NOT_IN_A_STORY,
        rf"\b(?:so )?(?:kind|nice|good)(?: enough)?(?: as)? to (?:give|{_JUDGE[3:-1]}|award) (?:me|my|this|it)\b"
        rf"(?:{_NEAR}\b(?:excellent|outstanding|perfect|{_FIVE})\b)?",
    ),
    (
        Said.NOT_IN_A_STORY,
        r"\b(?:the |my |your )?(?:score|rating|level|mark|grade)(?: (?:for|of) (?:this|my|that)(?: answer)?)?"
        rf" (?:has to be|must be|should be|needs to be|shall be|ought to be) {_A_FIVE}\b",
    ),
    (
        Said.NOT_IN_A_STORY,
        rf"\b(?:score|rating|level|mark|grade) (?:for|of) (?:this|my)(?: answer)? (?:is|equals) {_A_FIVE}\b",
    ),
    (
        Said.NOT_IN_A_STORY,
        r"\b(?:every|each|this|my) answers? (?:\w+ )?(?:wins|gets|receives|earns|deserves|is worth|scores)\b"
        rf"{_NEAR}\b{_FIVE}\b(?: points)?",
    ),
    (
        Said.NOT_IN_A_STORY,
        r"\b(?:answers? from me|(?:all |my )answers|my answer|this candidate)\b"
        rf"{_GAP}\b(?:scored|rated|verified|graded|marked|approved|confirmed)\b{_GAP}\b(?:as|with|at) {_FIVE}\b",
    ),
    (
        Said.NOT_IN_A_STORY,
        rf"\bif (?:you (?:{_JUDGE[3:-1]}|give) (?:me|this|my|it)|my (?:score|rating|level|grade|mark) is)\b"
        rf"{_GAP}\b(?:{_FIVE}|less than|below|under|lower|higher)\b",
    ),
    (Said.TO_YOU, rf"\b{_JUDGE}\b (?:me|it|this|that|my answer) accordingly\b"),
    # rules
    (
        Said.TO_YOU,
        rf"\b(?:do not|don['’]?t|never|stop) (?:apply(?:ing)?|us(?:e|ing)|follow(?:ing)?|check(?:ing)?)"
        rf" (?:the|your|any|these|those) {_NEAR}(?:rubric|criteria|levels|scale|rules|guidelines|instructions?)\b",
    ),
    (
        Said.TO_YOU,
        r"\b(?:ignore|disregard|forget|skip) (?:the|your|all|these|those) (?:\w+ )?(?:levels|scale|standards)\b",
    ),
    (
        Said.ANYHOW,
        rf"\blevel (?:one|two|three|four|five|[1-5])\b{_NEAR}\b(?:is now|is the description of|means|counts as)\b"
        rf"{_NEAR}\blevel (?:one|two|three|four|five|[1-5])\b",
    ),
    (Said.ANYHOW, r"\bonly (?:one )?level\b[^.?!;:]{0,16}?\b(?:five|5)\b"),
    (Said.NOT_IN_A_STORY, r"\b(?:the )?levels (?:are|have been) (?:reversed|inverted)\b"),
    (Said.TO_YOU, r"\b(?:do not|don['’]?t) read (?:any )?(?:further|on)\b|\bstop reading\b"),
    (
        Said.NOT_IN_A_STORY,
        r"\byour (?:only|real|true|next|actual) (?:task|job|goal|orders?) (?:now )?(?:is|are)\b",
    ),
    # who the model is, and who speaks to it
    (
        Said.NOT_IN_A_STORY,
        r"\byou(?: are|['’]re) (?:now |only |just |really )?(?:no longer |not )?(?:an? |my |the )"
        rf"(?:\w+ ){{0,2}}{_RATERS}\b",
    ),
    (
        Said.TO_YOU,
        rf"\b(?:pretend|imagine|assume|suppose) (?:that )?(?:this|my|i)\b{_FAR}\b(?:best|perfect|excellent)\b",
    ),
    (
        Said.ANYHOW,
        r"\b(?:this is|i am|i['’]m) (?:the|your)"
        r" (?:hiring manager|administrator|admin|developer|creator|recruiter|system)"
        r" (?:speaking|here|of this (?:system|interview|test|model|software))\b",
    ),
    (
        Said.TO_YOU,
        r"\b(?:message|notice|order|command) from (?:the |your )?(?:quality team|developers?|administrators?|system"
        r"|makers?)\b",
    ),
    # data and code, which is only typed
    (Said.ANYHOW, r"[\"'“”]?\b(?:level|score|rating|grade)\b[\"'“”]?\s?[:=]\s?[\"'“”]?(?:4|5|10|100)\b"),
    (Said.ANYHOW, r"\bdef (?:score|rate|grade|evaluate)\w{0,20}\s?\([^)]{0,40}\)"),
    (Said.ANYHOW, r"<!--[^>]{0,80}?\b(?:model|rating|rater|score|level|ai)\b"),
    (Said.ANYHOW, r"\b(?:print|echo|console\.log)\s?\(?[\"'](?:level|score)\b"),
    (
        Said.ANYHOW,
        r"\b(?:correct|expected|required|final) (?:output|score|level|rating|response) is (?:level )?(?:five|5)\b",
    ),
    (Said.ANYHOW, r"\b(?:evaluation|scoring|rating) (?:complete|finished|done)\b, \w+"),
    # French
    (
        Said.ANYHOW,
        rf"\b(?:ignore[rz]|oublie[rz]?|ne tene?z pas compte)\b{_GAP}\b(?:instructions?|consignes|règles|directives"
        r"|grille|barème)\b",
    ),
    (
        Said.ANYHOW,
        rf"\b(?:donne[rz]?|mets|mettez|attribue[rz]?|accorde[rz]?)[- ]moi\b{_GAP}\b(?:maximale?|meilleure note"
        r"|(?:cinq|5) sur (?:cinq|5)|niveau (?:cinq|5)|note la plus haute)\b",
    ),
    # Spanish, Portuguese, Italian
    (
        Said.ANYHOW,
        rf"\b(?:ignor[ae]n?|olvid[ae]n?|esque[çc]a|dimentica(?:te)?|ignorate)\b{_GAP}\b(?:instrucciones|reglas|rúbrica"
        r"|criterios|instruções|regras|critérios|istruzioni|regole|criteri)\b",
    ),
    (
        Said.ANYHOW,
        rf"\b(?:dame|deme|denme|ponme|póngame|d[êe]-me|me d[êe]|dammi|datemi|mettimi)\b{_GAP}\b(?:máxim[ao]|más alta"
        r"|massim[ao]|più alto|(?:cinco|cinque|5) (?:de|em|su) (?:cinco|cinque|5)|(?:nivel|nível|livello)"
        r" (?:cinco|cinque|5))\b",
    ),
    # Dutch
    (Said.ANYHOW, rf"\b(?:negeer|vergeet)\b{_GAP}\b(?:instructies|regels|criteria|opdracht\w*)\b"),
    (Said.ANYHOW, rf"\bgeef (?:mij|me)\b{_GAP}\b(?:hoogste|maximale|vijf van (?:de )?vijf)\b"),
    # Polish
    (Said.ANYHOW, rf"\b(?:z?ignoruj\w*|zapomnij\w*)\b{_GAP}\b(?:instrukcj\w+|zasad\w*|polece\w+)"),
    (Said.ANYHOW, rf"\b(?:daj|dajcie|przyznaj\w*|wystaw\w*) mi\b{_GAP}\b(?:najwyższ\w+|maksymaln\w+|pięć na pięć)"),
    # Turkish
    (Said.ANYHOW, rf"\b(?:talimat|kural|yönerge)\w*\b{_GAP}\b(?:unut|görmezden|yok say)\w*"),
    (Said.ANYHOW, rf"\bbana\b{_GAP}\b(?:en yüksek|tam) (?:puan|not)\w*"),
    # Russian, Ukrainian
    (
        Said.ANYHOW,
        rf"\b(?:забудь|забудьте|(?:про)?игнорируй\w*|ігноруй\w*)\b{_GAP}\b(?:инструкц|указани|правил|інструкц|вказівк)\w*",
    ),
    (
        Said.ANYHOW,
        rf"\b(?:поставь|поставьте|дай|дайте|дай-те) (?:мне|мені)\b{_GAP}"
        r"\b(?:высш|максимальн|найвищ|пять из пяти|5 из 5)\w*",
    ),
    # Chinese, Japanese, Korean
    (Said.ANYHOW, r"(?:忽略|忘记|无视|無視|不要理会)[^。！？.!?]{0,16}?(?:指示|指令|说明|规则|要求|提示)"),
    (Said.ANYHOW, r"(?:给|打|給)[^。！？.!?]{0,6}?(?:最高分|满分|滿分|五分|5分)"),
    (Said.ANYHOW, r"(?:指示|命令|ルール|プロンプト)[^。！？.!?]{0,8}?(?:無視|忘れ)"),
    (Said.ANYHOW, r"(?:満点|最高点|最高評価)[^。！？.!?]{0,8}?(?:ください|下さい|くれ|つけて|付けて)"),
    (Said.ANYHOW, r"(?:지시|규칙|지침)[^.!?]{0,10}?(?:무시|잊)|(?:만점|최고 점수)[^.!?]{0,8}?(?:주세요|줘|주십시오)"),
    # Arabic
    (Said.ANYHOW, r"(?:تجاهل|انس)[^.!?؟]{0,24}?(?:تعليمات|التعليمات|القواعد)"),
    (Said.ANYHOW, r"(?:أعطني|امنحني)[^.!?؟]{0,24}?(?:أعلى|الكاملة|خمسة)"),
)
