"""A telephone and its carrier in software: to test and measure the line, and to try it without a phone."""
