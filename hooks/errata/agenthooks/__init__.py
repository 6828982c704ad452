"""What a coding agent's tool calls: one module for each event, and a table of the tools' forms."""
