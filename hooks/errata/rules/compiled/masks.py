"""Made from masks.toml by ``python -m errata.rules``: do not edit."""

from errata.rules.expression import Expression

TABLE = {
    'block': [
        {'name': 'tag-block', 'pattern': Expression('(?s)<([a-z][a-z0-9]*[-_][a-z0-9_-]*)\\b[^<>]{0,200}>.*?(?:</\\1\\s*>|\\Z)', ('<',))},
        {'name': 'lone-tag', 'pattern': Expression('</?[a-z][\\w-]{0,40}\\s*/?>', ('<',))},
        {'name': 'fence', 'pattern': Expression('(?s)(?:```|~~~).*?(?:```|~~~|\\Z)', ('```', '~~~'))},
        {'name': 'harness', 'pattern': Expression('(?i)\\A\\s*(?:/[a-z][\\w:-]*(?=\\s|\\Z)|\\[(?:request interrupted|scheduled|automated|cron|system|image\\b|tool)[^\\]\\n]{0,80}\\]?|caveat: the messages below|this session is being continued from a previous)', ('/', 'automated', 'caveat: the messages below', 'cron', 'image', 'request interrupted', 'scheduled', 'system', 'this session is being continued from a previous', 'tool'), ignore_case=True)},
        {'name': 'interrupted', 'pattern': Expression('(?i)\\[(?:request interrupted|image|pasted text|screenshot)[^\\]\\n]{0,80}\\]', ('[image', '[pasted text', '[request interrupted', '[screenshot'), ignore_case=True)},
        {'name': 'log-line', 'pattern': Expression('(?x)\\s*(?:\n      at\\s[\\w.$<>]+\\(.*\n    | File\\s".{1,200}",\\sline\\s\\d+\n    | Traceback\\b\n    | Caused\\sby:\n    | \\[?\\d{4}-\\d\\d-\\d\\d[T\\s]\\d\\d:\\d\\d\n    | \\[?\\d\\d:\\d\\d:\\d\\d\n    | \\[?(?:ERROR|WARN|WARNING|INFO|DEBUG|FATAL|TRACE)\\]?[:\\s]\\s?\\S\n    | (?:\\w{1,40}\\.){0,6}\\w{0,40}(?:Error|Exception|Warning):\\s\n    | (?:npm|yarn|pnpm)\\s(?:ERR!|WARN|error)\n    | (?:error|warning|fatal|panic|note)(?:\\[\\w+\\]|\\s\\w{2}\\d+)?:\\s\n    | [\\w./\\\\-]{1,200}:\\d+(?::\\d+)?:?\\s\n    | \\$\\s\\S\n    | (?:PASS|FAIL|FAILED|ok|---)\\s+\\S+[/.:]\\S\n    | E\\s{3}\n    | (?:diff\\s--git|@@\\s|index\\s[0-9a-f]{6}|\\+\\+\\+\\s|---\\s[ab]/)\n    | \\w{1,30}(?:\\[\\d+\\])?:\\s(?:error|warning|fatal|debug|info):\n    )', ('$', '+++', '-', ':', '@@', 'E', 'F', 'PASS', 'T', 'W', '[', 'at', 'e', 'f', 'i', 'ok', 'w'))},
        {'name': 'code-line', 'pattern': Expression('(?:\\t| {4,})\\S', ('\t', ' '))},
        {'name': 'code-sign', 'pattern': Expression('[{};=()\\[\\]<>]|^\\s*(?:def|class|return|import|from|if|for|const|let|var)\\b', ('(', ')', ';', '<', '=', '>', '[', ']', 'class', 'f', 'r', 't', '{', '}'))},
        {'name': 'quoted', 'pattern': Expression('"([^"\\n]{1,600})"|“([^”\\n]{1,600})”|«([^»\\n]{1,600})»', ('"', '«', '“'))},
        {'name': 'single-quoted', 'pattern': Expression("(?<![\\w'])'([^'\\n]{1,300})'(?![\\w'])", ("'",))},
        {'name': 'lost-apostrophe', 'pattern': Expression('\\b(?:(do|does|did|is|are|was|were|has|have|had|should|would|could|ca|wo|ai|must|need)nt|(you|we|they|i)(ve|re|ll)(?<!\\bwere)(?<!\\bwell)(?<!\\bill)|(i)m|(that|what|there|who|it|let)s)\\b', ('im', 'll', 'nt', 're', 'ts', 've', 'whos'))},
        {'name': 'not', 'pattern': Expression("(?<=[a-z])n't\\b", ("n't",))},
    ],
    'inline': [
        {'placeholder': '<code>', 'pattern': Expression('`[^`\\n]{1,300}`', ('`',))},
        {'placeholder': '<url>', 'pattern': Expression('\\b(?:https?|ssh|git|ftp|file)://\\S+|\\bwww\\.\\S+', ('file://', 'ftp://', 'git://', 'http://', 'https://', 'ssh://', 'www.'))},
        {'placeholder': '<mail>', 'pattern': Expression('\\b[\\w.+-]{1,64}@[\\w-]{1,64}\\.[\\w.-]{1,64}', ('@',))},
        {'placeholder': '<issue>', 'pattern': Expression('(?<![\\w/])#\\d+\\b', ('#',))},
        {'placeholder': '<path>', 'pattern': Expression('(?<![\\w<])@[\\w./-]{2,}', ('@',))},
        {'placeholder': '<flag>', 'pattern': Expression('(?i)(?<!\\w)--?[a-z][\\w-]*(?==?)', ('-',), ignore_case=True)},
        {'placeholder': '<path>', 'pattern': Expression('(?<![\\w<])(?:~?/|\\.{1,2}/)?(?:[\\w.*-]+/)+[\\w.*-]*|(?<![\\w/<])/[\\w.:{}*-]{2,}|(?<!\\S)\\.[a-z][\\w-]*(?=\\s|\\Z)|\\b[\\w-]{1,60}\\.(?:py|js|jsx|ts|tsx|go|rs|java|kt|rb|php|c|h|cc|cpp|hpp|cs|swift|md|txt|json|jsonl|ya?ml|toml|ini|cfg|env|lock|sql|sh|html|css|scss|vue|svelte|csv|xml|log|png|jpe?g|svg|pdf|ipynb|tf|proto|gradle|dart|ex|exs|hs|lua|scala)\\b', ('.', '/'))},
        {'placeholder': '<id>', 'pattern': Expression('\\b[A-Za-z_][\\w.]{0,60}\\([^()\\n]{0,60}\\)|\\b[A-Za-z]\\w*_\\w+|\\b_\\w+\\b|\\b[a-z][a-z0-9]{0,40}[A-Z]\\w*|\\b[A-Z][a-z0-9]+[A-Z]\\w*|\\b[A-Za-z]\\w{0,60}(?:\\.[A-Za-z_]\\w{1,60}){1,9}|\\b\\w+::\\w+', ())},
        {'placeholder': '<hash>', 'pattern': Expression('\\b(?:0x)?(?=[0-9a-f]*\\d)[0-9a-f]{7,40}\\b', ())},
        {'placeholder': '<num>', 'pattern': Expression('(?<![\\w<])[-+]?\\$?\\d[\\d.,:/]*(?:%|\\w{1,3}\\b)?', ())},
    ],
}
