"""Made from recorders.toml by ``python -m errata.rules``: do not edit."""

TABLE = {
    'tools': {'claude': 'claude-code', 'claude-code': 'claude-code', 'claudecode': 'claude-code', 'codex-cli': 'codex', 'copilot-cli': 'copilot', 'cursor-agent': 'cursor', 'droid': 'factory', 'factory-ai-droid': 'factory', 'gemini-cli': 'gemini', 'github-copilot': 'copilot', 'github-copilot-cli': 'copilot', 'github-copilot-vscode': 'copilot', 'continue-cli': 'continue', 'roo-code': 'roo', 'qwen-code': 'qwen', 'unknown': ''},
}
