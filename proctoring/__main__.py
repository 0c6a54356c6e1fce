"""`python -m proctoring`: the proctoring worker."""

import os
import sys

# Before numpy is imported: after each product of matrices its own threads would spin, for 0.1 of a core in a room.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from interview.errors import ConfigurationError
from proctoring.worker import main

if __name__ == "__main__":
    try:
        main()
    except ConfigurationError as error:
        sys.exit(f"proctoring: {error}")
