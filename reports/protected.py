"""Words that a proposed question must not hold: what an interview has no business to ask about. Pure.

The prompt says so first; this is the second line, for a model that does not keep to it, and the recruiter's reading is
the third. The lists are short and coarse on purpose: a good question that is lost costs nothing, since people write
questions too. Words that are common in work (child process, race condition, origin of a request) are spelt out of them.
"""

import re

_ENGLISH = r"""
    how \s old | years \s old | (?:your|their) \s age | aged? \s \d+ | born | birth\w* | retirement
    | marri\w+ | marital | wedding | spouse | husband | wife | pregnan\w+ | maternity | paternity | parental
    | children | kids | childcare | family | families | single \s (?:mother|father|parent)
    | (?:your|their) \s health | illness\w* | disabilit\w+ | disabled \s (?:person|people) | handicap\w*
    | sick \s leave | medical \s (?:history|condition)
    | religio\w+ | faith | church | mosque | synagogue | muslim\w* | christian\w* | jewish | hindu\w* | buddhis\w+
    | nationalit\w+ | citizenship | ethnic\w* | racial | skin \s colou?r | immigra\w+ | country \s of \s origin
    | native \s (?:language|speaker|tongue|country) | mother \s tongue | where \s are \s you \s from
    | gender | sexual\w* | gay | lesbian | transgender | politic\w+ | trade \s union | union \s member\w*
"""
_GERMAN = r"""
    wie \s alt | (?:ihr|dein) \s alter | geboren | geburt\w* | ruhestand | verheiratet | ehe(?:frau|mann|partner\w*)
    | familie\w* | schwanger\w* | elternzeit | mutterschutz | kinder\w* | gesundheit\w*
    | krankheit\w* | krankgeschrieben
    | (?:schwer)?behinder\w+ | religi\w+ | glaube\w* | kirche\w* | moschee | synagoge | christ(?:lich|in|en)\w*
    | jüdisch\w* | staatsangehörigkeit | nationalität | herkunft\w* | hautfarbe | ethni\w+ | muttersprach\w+
    | geschlecht\w* | sexuell\w* | schwul | lesbisch | politisch\w* | partei\w* | gewerkschaft\w*
"""
_PROTECTED = re.compile(rf"\b(?:{_ENGLISH}|{_GERMAN})\b", re.IGNORECASE | re.VERBOSE)


def is_protected(text: str) -> bool:
    """Tell whether a question touches on a protected characteristic, by its words in English or German.

    In other languages the prompt and the recruiter stand alone.
    """
    return _PROTECTED.search(" ".join(text.split())) is not None
