"""Voice to voice, measured on what the candidate heard: `make bench NAME=voice`.

Whole interviews in real rooms, over real WebRTC, with all processes of production and its waiting windows. What the
candidate says is people's recordings with pauses of 0.6 to 3 s inside, and several synthetic voices.

- `material`: what is said; `people`: the recordings.
- `parts`: the parts of the benchmark, which are the settings, the engines and the conversations of each.
- `running`: holds the interviews. `plain` and `plain_seat`: the plain livekit-agents pipeline, and its candidate.
- `analysis`: what one recording says, pure. `records`: that, as it is kept. `summary`: all of it, pure.
"""
