"""Which commit wrote each line that a person changed."""
