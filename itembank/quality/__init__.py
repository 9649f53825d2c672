"""How good a bank is beyond being correct: what gives keys away, what repeats itself, what is hard to read, what lacks.

Pure: questions in, findings and figures out.
"""
