"""What a person may ask for: their data, its erasure; and what is done without being asked: retention."""
