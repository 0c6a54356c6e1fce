"""The custodian: keeps the house's promises when processes die.

It runs in every replica and acts in one, by a lease.
"""
