"""Speech and language models on this machine's CPU, spoken to as if they were the hosted providers.

`python -m local.inference` answers Deepgram's streaming protocol (`WS /v1/listen`) and OpenAI's chat and speech
endpoints (`POST /v1/chat/completions`, `POST /v1/audio/speech`), so the agent runs the same code with and without
provider keys. Engines are chosen by name; `settings.py` says which exist.
"""
