"""Training on an institution's history: a start, a probe or fine-tuning that survives a kill, and the run's folder."""
