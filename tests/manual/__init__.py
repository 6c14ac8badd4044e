"""What the manual copies from the code, block by block; `tests.docs` puts the blocks into the pages."""
