"""Papers people sign: A4, Chinese with English beneath, a code and a hash on each."""
