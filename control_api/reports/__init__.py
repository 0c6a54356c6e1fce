"""What people do with reports: build anew, decide, score, compare, audit, release, search and correct."""
