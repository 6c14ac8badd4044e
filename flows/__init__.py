"""Judgement: what was meant, what to do, what to say. No clock, no I/O, no randomness."""
