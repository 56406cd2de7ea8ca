"""People's verdicts on flagged segments of documents, and the translation memory that their corrections make."""
