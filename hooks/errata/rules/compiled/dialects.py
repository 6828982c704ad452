"""Made from dialects.toml by ``python -m errata.rules``: do not edit."""

TABLE = {
    'field': [
        {'ours': 'severity', 'names': ['severity', 'severity_level', 'issue_severity', 'extra.severity', 'level', 'priority', 'sev', 'impact', 'importance', 'criticality', 'rank']},
        {'ours': 'timestamp', 'names': ['timestamp', 'created_at', 'ts', 'time', 'datetime', 'date', 'when', 'logged_at', 'reported_at', 'reviewed_at', 'found_at', 'detected_at', 'generated_at', 'updated_at', 'created', 'at']},
        {'ours': 'file', 'names': ['file', 'file_path', 'filepath', 'filename', 'file_name', 'path', 'location.path', 'location.file', 'artifact_location.uri', 'uri', 'location', 'source_file', 'target']},
        {'ours': 'line', 'names': ['line', 'line_number', 'lineno', 'line_no', 'line_start', 'start_line', 'start.line', 'region.start_line', 'begin.line', 'lines.begin', 'lines', 'row']},
        {'ours': 'description', 'names': ['description', 'message.text', 'message', 'issue_text', 'extra.message', 'finding', 'body', 'comment', 'summary', 'title', 'text', 'detail', 'details', 'explanation', 'issue', 'problem', 'note', 'content']},
        {'ours': 'pattern', 'names': ['pattern', 'pattern_name', 'pattern_id', 'subcategory', 'sub_category', 'rule_id', 'rule', 'rule.id', 'rule_name', 'check_id', 'check_name', 'check', 'test_name', 'code.value', 'test_id', 'issue_type', 'defect_type', 'bug_type', 'finding_type']},
        {'ours': 'pattern', 'weak': True, 'names': ['type', 'kind', 'code', 'tag', 'tags.0', 'label', 'labels.0', 'category', 'name', 'id']},
        {'ours': 'agent', 'names': ['agent', 'agent_name', 'agent_source', 'reviewer', 'reviewer_name', 'author.login', 'user.login', 'reviewed_by', 'author', 'created_by', 'bot']},
        {'ours': 'suggested_fix', 'names': ['suggested_fix', 'suggestion', 'recommendation', 'remediation', 'fix', 'resolution']},
    ],
    'severity': [
        {'ours': 'blocking', 'words': ['blocking', 'blocker', 'block', 'critical', 'crit', 'severe', 'fatal', 'emergency', 'high', 'highest', 'very high', 'urgent', 'p0', 'p1', 'sev0', 'sev1', 'sev 0', 'sev 1', 's0', 's1', '0', '1', 'must', 'must fix', 'must have', 'required', 'error', 'err', 'failure', 'potential issue', 'request changes', 'reject', '🔴', '🛑', '❌', '🚨']},
        {'ours': 'warning', 'words': ['warning', 'warn', 'medium', 'moderate', 'major', 'important', 'normal', 'p2', 'sev2', 'sev 2', 's2', '2', 'should', 'should fix', 'should have', 'refactor suggestion', 'issue', 'concern', 'todo', 'average', 'unknown severity', 'unknown', 'unspecified', 'undefined', '🟠', '🟡', '⚠️', '⚠']},
        {'ours': 'nit', 'words': ['nit', 'nitpick', 'nits', 'nitpicks', 'low', 'lowest', 'very low', 'minor', 'trivial', 'cosmetic', 'info', 'information', 'informational', 'inform', 'note', 'notice', 'hint', 'none', 'off', 'suggestion', 'suggest', 'consider', 'could', 'could fix', 'could have', 'nice to have', 'optional', 'praise', 'question', 'thought', 'chore', 'p3', 'p4', 'p5', 'sev3', 'sev4', 'sev5', 'sev 3', 'sev 4', 'sev 5', 's3', 's4', 's5', '3', '4', '5', 'recommendation', 'non blocking', 'nonblocking', 'not blocking', 'minor issue', '🔵', '🟢', '⚪', 'ℹ', '💡', '🧹']},
    ],
    'agents': {'words': ['agent', 'bot', 'reviewer', 'review', 'auditor', 'linter', 'lint', 'checker', 'scanner', 'analyzer', 'coderabbit', 'coderabbitai', 'copilot', 'codex', 'semgrep', 'eslint', 'dev', 'sre'], 'names': ['claude', 'claude code', 'cursor', 'gemini', 'gemini cli', 'devin ai', 'jules', 'aider', 'amp', 'opencode', 'coderabbit ai', 'sonar', 'bandit', 'ruff', 'ai', 'amazon q']},
}
