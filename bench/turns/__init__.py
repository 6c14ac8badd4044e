"""The pause protocol: how soon the end of a turn is known, against how often a pause is taken for it."""
