"""A connector from a sample: what its columns seem to mean, and files that say so.

Nothing here decides for a person: every guess has a confidence and a reason, and the README that is
written says what to look at.
"""
