"""`python -m agent`: the interviewer's worker."""

from agent.worker import main

# job processes import this module again; without the guard each would start a worker of its own
if __name__ == "__main__":
    main()
