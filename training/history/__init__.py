"""An institution's own labelled history: read, inspected, split, and turned into a taxonomy and numbers."""
