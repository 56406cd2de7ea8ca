"""Terms that a translation must use, and text that it must not touch: values, matching, enforcement, storage, files."""

from app.glossary.terms import Dictionary, Edition, Term, Terms

__all__ = ["Dictionary", "Edition", "Term", "Terms"]
