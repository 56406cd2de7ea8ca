"""How translations fare: doubts counted by day, pair and model, what drifted, and what people think of samples."""
