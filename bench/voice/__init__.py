"""Voice to voice, measured on what the candidate heard: `make bench NAME=voice`.

Whole interviews in real rooms, over real WebRTC, with all processes of production and its waiting windows. What the
candidate says is people's recordings with pauses of 0.6 to 3 s inside, and several synthetic voices.

How to read the figures: a latency is counted from the last sound of somebody who had finished to the interviewer's
first sound, which may be a listening sound ("Mm-hm."); the latency to its line stands beside it. A pause is cut when a
line begins in it. With `--judge scripted`, the default, answers are judged by a rule (`local.inference.llm.scripted`:
incomplete are fewer than 12 words, and some markers), after the delay of a hosted model: the figures of the follow-ups
then tell of the way to a follow-up and not of judgement. `--judge qwen` lets the model of this machine judge, as slow
as it is here. What the machine was too busy for is counted as `late` and `torn`; with more than a few of them a run
measures the machine.

- `material`: what is said; `people`: the recordings.
- `parts`: the parts of the benchmark, which are the settings, the engines and the conversations of each.
- `running`: holds the interviews. `plain` and `plain_seat`: the plain livekit-agents pipeline, and its candidate.
- `analysis`: what one recording says, pure. `records`: that, as it is kept. `summary`: all of it, pure.
"""
