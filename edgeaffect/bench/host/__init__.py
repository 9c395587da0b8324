"""The machine under test: processor, board, power, temperature, load."""
