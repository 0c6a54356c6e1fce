"""What the words of a candidate show by themselves, without a model: requests, backchannels, unfinished sentences.

English and German; in another language nothing is understood, and everything is an answer. Pure, linear in the text.
"""

from agent.dialogue.cues.cue import Cue, fold, words
from agent.dialogue.cues.reading import LONGEST_REQUEST_WORDS, agrees, is_backchannel, read
from agent.dialogue.cues.unfinished import UNFINISHED, looks_unfinished

__all__ = [
    "LONGEST_REQUEST_WORDS",
    "UNFINISHED",
    "Cue",
    "agrees",
    "fold",
    "is_backchannel",
    "looks_unfinished",
    "read",
    "words",
]
