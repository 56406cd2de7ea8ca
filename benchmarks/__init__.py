"""Measurements beside other programs and on the shared data; those of Dragoman alone are in app/bench."""
