"""The voice: text in, telephone audio out."""
