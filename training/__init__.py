"""Data, training and evaluation, imported as ``triage.training``; the only home of torch and scikit-learn."""
