"""What reviewers and tools already write, read into findings: SARIF, CodeRabbit, forges."""
