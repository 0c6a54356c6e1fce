"""The process in which llama.cpp runs: `python -m local.inference.llm.child MODEL CONTEXT_TOKENS`.

It lowers its own priority, uses one thread, prints `{"url": ...}` when it listens on loopback, and ends when its
standard input closes, which happens also when its parent is killed.
"""

import json
import os
import sys

SLOTS = 2
NICENESS = 15
BATCH_TOKENS = 16
"""A cancelled request stops between two batches: after 0.5 s. Reading is no faster with 256 (34 to 38 tokens for
each second of one core, whatever the size)."""


def main() -> None:
    """Load the model, serve, and wait for the parent to go."""
    os.nice(NICENESS)
    import xllamacpp as xlc

    params = xlc.CommonParams()  # pyright: ignore[reportAttributeAccessIssue]
    params.model.path = sys.argv[1]
    params.n_ctx = int(sys.argv[2]) * SLOTS
    params.n_parallel = SLOTS
    params.n_batch = params.n_ubatch = BATCH_TOKENS
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.n_threads_http = 4
    params.n_gpu_layers = 0
    params.cache_prompt = True
    # Prompts stay in the two slots; a second cache in main memory would only cost copies of them.
    params.cache_ram_mib = 0
    params.cache_idle_slots = False
    params.ui = params.endpoint_slots = False
    params.verbosity = 1
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [os.environ["VIVA_LLM_CHILD_KEY"]]
    server = xlc.Server(params)  # pyright: ignore[reportAttributeAccessIssue]
    print(json.dumps({"url": server.listening_address}), flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
