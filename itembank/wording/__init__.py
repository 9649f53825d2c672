"""The sentences behind each problem code: (cause, repair), with named placeholders, one table a language."""
