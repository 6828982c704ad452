"""How well are corrections detected? Measured on hand-labelled cases from public repositories."""
