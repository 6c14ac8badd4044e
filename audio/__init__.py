"""Ear and voice: telephone audio in, words and turns out; text in, telephone audio out."""
