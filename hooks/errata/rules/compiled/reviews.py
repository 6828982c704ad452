"""Made from reviews.toml by ``python -m errata.rules``: do not edit."""

from errata.rules.expression import Expression

TABLE = {
    'by_rule': [
        'code-quality',
        'code-scanning',
    ],
    'proposal': "\\b(?:should(?:n't)?|could(?:n't)?|can (?:we|you|this|it)|would(?:n't)?|how about|what about|what if|why not|instead|rather|maybe|perhaps|better|missing|typo|do we (?:really |still )?need|need to|leftover|duplicated?|unused|consider|(?:is|are) (?:this|that|it|these|they) (?:still |really )?(?:needed|necessary|used|intended|intentional|on purpose)|(?:do|does|did|is|are) (?:we|it|this|that|these|those|you|they) not|let's|isn't|aren't|doesn't|don't|didn't|won't|can't)\\b",
    'mark': [
        {'about': 'CodeRabbit: _⚠️ Potential issue_ | _🟠 Major_', 'words': Expression('\\|\\s*_\\s*([^_|\\n]{1,30}?)\\s*_', ('|',))},
        {'about': 'a badge: ![P1 Badge](https://img.shields.io/...), ![high](...)', 'words': Expression('(?i)!\\[\\s*([\\w -]{1,20}?)(?:\\s+(?:badge|priority|severity))?\\s*\\]\\(', ('![',), ignore_case=True)},
        {'about': 'severity: high, **High Severity**, [severity: minor]', 'words': Expression('(?i)\\b(?:severity|priority|importance)\\W{1,6}(\\w{1,12})\\b', ('importance', 'priority', 'severity'), ignore_case=True)},
        {'about': '**High Severity**', 'words': Expression('(?i)\\b(critical|high|major|medium|moderate|minor|low) (?:severity|priority)\\b', ('iority', 'verity'), ignore_case=True)},
        {'about': 'nit: at the beginning; **issue (blocking):**; [P1]; (minor)', 'words': Expression('(?i)\\A[\\W_]*(?:(?:issue|suggestion|todo|chore|style|bug|question|thought|note)\\s*)?\\(?\\s*((?:non-?)?block(?:ing|er)|nit(?:pick)?s?|minor(?: issue)?|trivial|critical|major|high|medium|low|p[0-5]|must(?: fix)?|optional|important|warning|bug|error)(?:\\s*\\([^)\\n]{1,30}\\))?\\s*[\\])}*_]*\\s*(?:[:：.,—–|-]|\\Z|\\n)', ('bug', 'critical', 'error', 'high', 'locker', 'low', 'major', 'medium', 'minor', 'must', 'nit', 'ocking', 'p', 'trivial', 'warning'), ignore_case=True)},
        {'about': '[P1] at the beginning, P2: too', 'words': Expression('(?i)\\A[\\W_]*\\[?(p[0-5]|sev-?[0-5])\\b\\]?', ('p', 'sev'), ignore_case=True)},
        {'about': 'a coloured circle at the beginning', 'words': Expression('\\A[\\s*_#>|-]*(🔴|🛑|🚨|❌|🟠|🟡|⚠️|⚠|🔵|🟢|⚪|🧹|💡)', ('⚠', '⚪', '❌', '💡', '🔴', '🔵', '🚨', '🛑', '🟠', '🟡', '🟢', '🧹'))},
    ],
    'label': [
        {'about': 'a line of marks: _⚠️ Potential issue_ | _🟠 Major_ | _⚡ Quick win_', 'words': Expression('(?m)^\\s*_[^_\\n]{1,60}_(?:\\s*\\|\\s*_[^_\\n]{1,60}_)*\\s*$', ('_',))},
        {'about': 'badges at the beginning', 'words': Expression('\\A(?:\\s|\\*\\*|_|!\\[[^\\]\\n]{0,40}\\]\\([^)\\n]*\\))+(?=\\S)', ())},
        {'about': 'a label with a colon: **issue (bug_risk):**, nit:, [P2]', 'words': Expression('(?i)\\A[\\s*_#-]*(?:\\[[\\w -]{1,20}\\]|(?:nit(?:pick)?|issue|suggestion|todo|chore|style|logic|syntax|bug|minor|major|critical|question|thought|note|optional|p[0-5])\\s*(?:\\([^)\\n]{1,30}\\))?\\s*[*_]*\\s*[:：])[\\s*_:-]*', ('[', 'bug', 'chore', 'critical', 'estion', 'issue', 'logic', 'major', 'minor', 'nit', 'note', 'p', 'style', 'syntax', 'thought', 'todo'), ignore_case=True)},
        {'about': 'a coloured circle, or the severity in bold on a line of its own', 'words': Expression('(?im)\\A[\\s*_#>|-]*[🔴🛑🚨❌🟠🟡⚠🔵🟢⚪🧹💡]\\ufe0f?\\s*|^\\s*\\*\\*(?:critical|high|medium|low) severity\\*\\*\\s*$', (), ignore_case=True)},
        {'about': 'a mark of the state at the end: #Resolved', 'words': Expression("(?i)\\s*#(?:resolved|closed|wontfix|won'tfix|bydesign|pending|active|fixed)\\s*\\Z", ('#active', '#bydesign', '#closed', '#fixed', '#pending', '#resolved', "#won'tfix", '#wontfix'), ignore_case=True)},
    ],
    'skip': [
        {'why': 'praise or agreement', 'words': Expression('\\A\\W*(?:(?:lgtm|looks? good(?: to me)?|nice(?:ly)?(?: (?:one|work|job|catch|fix|touch|cleanup|done|find))?|great(?: (?:work|job|catch|fix|stuff|idea|point))?|good (?:catch|work|job|point|idea|call|find)|well done|awesome|perfect|excellent|love (?:it|this|that)|cool|neat|thanks?(?: you)?(?: (?:so much|a lot|for (?:the|this|that|fixing|adding|catching|doing|handling)[^.!?\\n]{0,60}))?|thx|ty|yes|yep|yeah|ok(?:ay)?|sure|done|fixed|agreed?|sounds good|makes sense|resolved|h+m+|wow|lol|oh|👍|🎉|❤️|🚀|💯|\\+1)(?!\\w)[\\W_]*)+(?:\\s*@[\\w-]+\\W*)*\\Z', ('+1', 'a', 'fixed', 'g', 'h', 'l', 'n', 'o', 's', 't', 'w', 'y', '❤️', '🎉', '👍', '💯', '🚀'))},
        {'why': 'praise or agreement', 'words': Expression('\\A[\\W_]*(?:praise|kudos)\\s*(?:\\([^)]*\\))?\\W*:', ('kudos', 'praise'))},
        {'why': 'a question', 'words': Expression('\\A[\\W_]*(?:question|thought)\\s*(?:\\([^)]*\\))?[\\W_]*:', ('question', 'thought'))},
        {'why': 'a command to a bot', 'words': Expression('\\A\\s*(?:/[a-z-]+(?:\\s|\\Z)|@(?:coderabbitai|copilot|claude|codex|cursor|gemini-code-assist|sourcery-ai|dependabot|greptileai|jules|cubic-dev-ai)\\b)', ('/', '@claude', '@coderabbitai', '@codex', '@copilot', '@cubic-dev-ai', '@cursor', '@dependabot', '@gemini-code-assist', '@greptileai', '@jules', '@sourcery-ai'))},
        {'why': 'a summary or status', 'words': Expression('\\A[\\W_]*(?:good catch[\\W_]*)?(?:fixed|done|addressed|resolved)(?: (?:in|by|with)\\b[^\\n]{0,80})?\\Z|\\A[\\W_]*(?:actionable comments posted|walkthrough\\b|pull request overview|summary by coderabbit|✅ (?:addressed|action performed)|this (?:comment|thread) (?:was|has been) (?:marked|resolved))', ('actionable comments posted', 'done', 'fixed', 'marked', 'pull request overview', 'ressed', 'solved', 'summary by coderabbit', 'walkthrough', '✅ action performed'))},
    ],
    'bots': {'coderabbitai': 'coderabbit', 'copilot': 'copilot', 'copilot-pull-request-reviewer': 'copilot', 'chatgpt-codex-connector': 'codex', 'gemini-code-assist': 'gemini-code-assist', 'sourcery-ai': 'sourcery', 'cursor': 'cursor-bugbot', 'greptile-apps': 'greptile', 'ellipsis-dev': 'ellipsis', 'qodo-merge-pro': 'qodo', 'qodo-code-review': 'qodo', 'codiumai-pr-agent-free': 'qodo', 'github-advanced-security': 'code-scanning', 'github-code-quality': 'code-quality', 'devin-ai-integration': 'devin', 'cubic-dev-ai': 'cubic', 'graphite-app': 'graphite', 'korbit-ai': 'korbit', 'deepsource-autofix': 'deepsource', 'deepsource-io': 'deepsource', 'sonarqubecloud': 'sonar', 'sonarcloud': 'sonar', 'codecov': 'codecov', 'claude': 'claude'},
}
