"""One module per coding-agent event."""
