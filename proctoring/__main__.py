"""`python -m proctoring`: the proctoring worker."""

import sys

from interview.errors import ConfigurationError
from proctoring.worker import main

if __name__ == "__main__":
    try:
        main()
    except ConfigurationError as error:
        sys.exit(f"proctoring: {error}")
