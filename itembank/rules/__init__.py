"""The rules that every item must pass, whatever file it came from, one module a subject."""
