"""`python -m cli`, or `./viva`."""

import sys

from cli.app import app
from cli.output import failed
from interview.errors import VivaError


def main() -> None:
    """Run the command; an error of ours is told in words."""
    try:
        app(prog_name="viva")
    except VivaError as error:
        failed(error.message)
        sys.exit(1)


if __name__ == "__main__":
    main()
