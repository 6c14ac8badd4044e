"""Calmline beside other voice bots: the same calls, clips and models, side by side in one run."""
