"""Whether words that were heard look like the middle of a sentence. Pure, and a few microseconds long."""

import re
from typing import NamedTuple

from agent.dialogue.cues.cue import listed, word_set

UNFINISHED = 0.5
"""From here on it is more likely that more is to come than that the speaker has finished."""

_SURE, _LIKELY, _RATHER, _HARDLY = 0.95, 0.8, 0.6, 0.2
_LAST_CHARS = 80
_LAST_WORDS = 4
_BROKEN_OFF = re.compile(r"(?:\.\.\.|…|[-–—,;:])[\"'”’)\s]*$")
_CLOSED = re.compile(r"[.!][\"'”’)\s]*$")
_ASKED = re.compile(r"\?[\"'”’)\s]*$")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class _Ends(NamedTuple):
    """How sentences of one language do not end."""

    open_ends: frozenset[str]
    """No sentence ends with these."""
    hesitations: frozenset[str]
    """Sounds and words of somebody who is looking for the next word."""
    rare_ends: frozenset[str]
    """Sentences seldom end with these, and do where a recogniser hears a full stop."""
    adverbs: frozenset[str]
    """Words of a whole sentence: where nothing of `before_adverbs` stands before, they are often added at its end."""
    before_adverbs: frozenset[str]
    """Words after which such a word stands within the sentence."""
    open_phrases: frozenset[str]
    """Groups of words with which no sentence ends, though it may with the last of them."""


_ENGLISH = _Ends(
    open_ends=word_set(
        """
        a although among an and because but during every he's i i'd i'll i'm i've if it's its let's my nor onto
        or our per she's than that's the their there's they they're unless via we we'd we'll we're we've whereas
        whether who's whose your
        """
    ),
    hesitations=word_set(
        """
        ehm er erm hm hmm mmm uh uhh uhm um umm
        """
    ),
    rare_ends=word_set(
        """
        about after against also am another any are as at be been before between both by can could did do does each
        either even first for from had has have he his how in into is just let like many may might more most must
        neither never no not of on over several she should since so some such that then these this those through to
        towards under until upon very was well were what when where which while who why will with without would
        """
    ),
    adverbs=word_set(
        """
        actually again already always basically certainly definitely maybe normally occasionally often obviously
        perhaps probably really sometimes still usually
        """
    ),
    before_adverbs=word_set(
        """
        and are because but can could had has have he i i'd i'll i'm i've is it it's or she should so that that's
        there they they're to very was we we'd we'll we're we've were which who will would you
        """
    ),
    open_phrases=frozenset(
        listed(
            """
            a lot of / and also / and i / and so / and that / and that's when / and the thing is / and then /
            and we / as well as / because of / but then / depending on / due to / for example / for instance / i
            had to / i mean / i think / i wanted to / i was / i would say / i'd say / if i / if we / in order to
            / in terms of / instead of / kind of / let me see / let's say / one of the / part of the / so i / so
            then / so we / sort of / such as / that i / that we / the first one was / the thing is / there was /
            there were / we had to / we were / what i / what we / when i / when we / where i / where we / which
            is / which was / you know
            """
        )
    ),
)

_GERMAN = _Ends(
    open_ends=word_set(
        """
        aber als am ans beim bevor bis bzw dass dem den der des die eine einem einen einer eines entweder falls
        für fürs gegen ihre ihrem ihren ihrer im indem ins jedoch kein keinen mein meine meinem meinen meiner
        nachdem ob obwohl oder ohne seine seinem seinen seiner seit sobald sodass sondern sowie sowohl und unser
        unsere unserem unseren unserer vom weder weil wenn während zum zur zwischen
        """
    ),
    hesitations=word_set(
        """
        also ehm em halt hm hmm irgendwie mhm naja quasi sozusagen tja äh ähm äm öh öhm
        """
    ),
    rare_ends=word_set(
        """
        alle an andere auch auf aus bei besonders da damit danach dann das denn dies diese diesem diesen dieser
        dieses durch eigentlich ein einige er es etwa ganz habe haben hat hatte hatten hinter ich immer in ist
        jede jedem jeden jeder kann keine konnte können man mehr mehrere mit muss musste nach neben noch nur
        schon sehr sein sie sind so soll sollte trotz um ungefähr unter viele vielleicht von vor wahrscheinlich
        wann war waren warum was wegen welche welcher welches wer werden wie wir wird wo wurde wurden würde
        ziemlich zu zuerst über
        """
    ),
    adverbs=frozenset(),
    before_adverbs=frozenset(),
    open_phrases=frozenset(
        listed(
            """
            also ich / aufgrund von / das heißt / das ich / das war / dass ich / dass wir / den ich / die ich /
            ein bisschen / ein paar / eine art / eine von / einer von / es gab / es war / ich denke / ich glaube
            / ich habe / ich hatte / ich meine / ich musste / ich war / ich wollte / ich würde sagen / im grunde
            / in bezug auf / je nachdem / sagen wir / sagen wir mal / so dass / so etwas wie / so was wie / und
            auch / und da / und dann / und dann haben wir / und das / und ich / und so / und wir / und zwar /
            unter anderem / vor allem / was ich / weil ich / weil wir / wenn ich / wenn wir / wie zum beispiel /
            wir haben / wir hatten / wir mussten / wir waren / wir wollten / zum beispiel
            """
        )
    ),
)

_LANGUAGES = {"en": _ENGLISH, "de": _GERMAN}


def looks_unfinished(text: str, language: str = "en") -> float:
    """Return how much these words look like the middle of a sentence, 0 to 1; from `UNFINISHED` on, more is to come.

    Recognisers set a full stop at a pause too, so the last words count for more than it. Where the language is not
    known here, only the punctuation speaks.
    """
    tail = text.rstrip()[-_LAST_CHARS:]
    last = [word.lower().replace("’", "'") for word in _WORD.findall(tail)][-_LAST_WORDS:]
    if not last:
        return 0.0
    if _ASKED.search(tail):
        return 0.0
    broken_off = bool(_BROKEN_OFF.search(tail))
    closed = not broken_off and bool(_CLOSED.search(tail))
    known = _LANGUAGES.get(language)
    found = _by_words(last, closed, known) if known else 0.0
    if broken_off:
        return max(found, _LIKELY)
    return max(found, 0.0 if closed else _HARDLY)


def _by_words(last: list[str], closed: bool, known: _Ends) -> float:
    if last[-1] in known.open_ends:
        return _SURE
    if last[-1] in known.hesitations:
        return _LIKELY
    if any(" ".join(last[-size:]) in known.open_phrases for size in range(2, _LAST_WORDS + 1)):
        return _RATHER if closed else _LIKELY
    if last[-1] in known.adverbs:
        within = len(last) < 2 or last[-2] in known.before_adverbs
        return _RATHER if within and not closed else _HARDLY
    if last[-1] in known.rare_ends:
        return _HARDLY if closed else _RATHER
    return 0.0
