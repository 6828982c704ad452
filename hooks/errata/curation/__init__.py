"""People decide about corrections and patterns: what there is to decide, and what a decision is."""
