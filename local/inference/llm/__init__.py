"""Chat completions in OpenAI's protocol: `qwen` on the CPU, and a scripted engine for tests."""
