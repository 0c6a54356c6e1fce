"""The hidden worker that watches the candidate's camera and files incidents for people to review (SPEC 3).

A frame's way: `camera` (the newest one, a few a second) → `analysis` (one thread, shared models) → `detectors`
(frame → observation) → `rules` (observations → incidents, pure) → `evidence` (stills) → `outbox` (storage).
`watch` ties the steps together for one attempt, `room` binds them to LiveKit, `worker` is the process.
"""
