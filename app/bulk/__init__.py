"""Corpora: records in, translated records out, in order and with flat memory."""
