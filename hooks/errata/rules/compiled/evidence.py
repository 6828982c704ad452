"""Made from evidence.toml by ``python -m errata.rules``: do not edit."""

from errata.rules.expression import Expression

TABLE = {
    'threshold': 1.75,
    'veto': [
        {'name': 'tool-made', 'says': 'the message says that a formatter or another tool made the edit', 'words': Expression('\\b(?:ran|run|running|appl(?:y|ied)|via|with|use[ds]?)\\b.{0,12}\\b(?:black|prettier|ruff(?: format)?|gofmt|go fmt|rustfmt|cargo fmt|isort|autopep8|yapf|eslint|clang-format|cog|pre-commit)\\b|^(?:black|prettier|ruff|gofmt|rustfmt|cargo fmt|isort|lint|fmt|format(?:ting)?|autoformat|make format)\\W*$|^style: (?:format|run|apply)|\\bauto-?format|\\b(?:apply|run|ran) (?:the )?(?:code )?format(?:ter|ting)\\b', ('applied', 'apply', 'black', 'fmt', 'format', 'isort', 'lint', 'prettier', 'ran', 'ruff', 'run', 'style:', 'use', 'via', 'with'))},
        {'name': 'release', 'says': 'the commit is a release or a version bump', 'words': Expression('^(?:chore(?:\\(.*\\))?: )?(?:release|bump|version|prepare (?:for )?release|set version)\\b|^v?\\d+\\.\\d+(?:\\.\\d+)?\\S*$|\\bversion bump\\b|\\bbump(?:s|ed|ing)? \\S+ (?:from|to)\\b|\\bchangelog (?:for|headings?|entr(?:y|ies) for)\\b|\\bto (?:version )?v?\\d+\\.\\d+\\.\\d+\\b', ('.', 'bump', 'change', 'prepar', 'release', 'to ', 'versio'))},
    ],
    'evidence': [
        {'name': 'revert', 'weight': 4.0, 'says': 'the commit reverts another one', 'words': Expression('^revert(?! "(?:revert|reapply))\\b|^reverted\\b|\\breverts? commit\\b', ('revert',))},
        {'name': 'words-of-repair', 'weight': 2.0, 'says': 'the message mentions a fix', 'words': Expression('\\b(?:fix(?:e[ds]|ing)?|hot-?fix|bug|correct(?:s|ed|ing|ly)?|repair|typos?|oops|wrong(?:ly)?|broken|broke|restore[ds]?|forg[eo]t(?:ten)?|missing|missed|mistake|regression|undo|should(?:n.t| not)?|actually|duplicate[ds]?|leak|crash(?:es|ed|ing)?|unnecessary|unneeded|unused|stale|leftover|properly)\\b', ('d', 'e', 'g', 'n', 'o', 'r', 's', 't', 'x', 'y'))},
        {'name': 'words-of-taste', 'weight': 0.5, 'says': 'the message mentions cleanup, style or wording', 'words': Expression('\\b(?:trim(?:med)?|clean(?:ed|s|ing)?[ -]?up|cleaner|simplif(?:y|ies|ied)|tweak(?:ed|s)?|clarif(?:y|ies|ied)|clarity|clearer|rename[ds]?|renaming|reword(?:ed)?|wording|copy|better|nicer|tid(?:y|ied)|polish|style|condense|shorten|rm|remove[ds]?|moves?|moved|improve[ds]?|nits?|noop|adjust(?:ed)?|reorder(?:ed)?)\\b', ('a', 'c', 'i', 'm', 'n', 'r', 's', 't'))},
        {'name': 'words-of-new-work', 'weight': -1.0, 'says': 'the message announces new work', 'words': Expression('^(?:feat|add(?:s|ed)?|implement(?:s|ed)?|support|introduce[ds]?|allow|new|initial|enable|docs?|wip|extra)\\b', ('add', 'allow', 'doc', 'enable', 'extra', 'feat', 'implem', 'initial', 'introd', 'new', 'support', 'wip'))},
        {'name': 'words-of-restructuring', 'weight': -0.25, 'says': 'the message mentions refactoring', 'words': Expression('^refactor|\\b(?:split|consolidate|extract|migrat(?:e|ed|ion)|upgrade|move[ds]? \\S+ (?:to|into)|deprecat)', ('consolidate', 'deprecat', 'extract', 'migrat', 'move ', 'moved ', 'moves ', 'refactor', 'split', 'upgrade'))},
        {'name': 'mostly-about-it', 'weight': 1.5, 'says': "the agent's lines are at least half of the commit", 'fact': 'share', 'at_least': 0.5},
        {'name': 'partly-about-it', 'weight': 1.0, 'says': "the agent's lines are 15% to 50% of the commit", 'fact': 'share', 'at_least': 0.15, 'below': 0.5},
        {'name': 'hardly-about-it', 'weight': -1.5, 'says': "the agent's lines are less than 5% of the commit", 'fact': 'share', 'below': 0.05},
        {'name': 'within-the-hour', 'weight': 1.25, 'says': "the edit was made within an hour of the agent's commit", 'fact': 'hours', 'below': 1.0},
        {'name': 'same-day', 'weight': 0.75, 'says': "the edit was made 1 to 24 hours after the agent's commit", 'fact': 'hours', 'at_least': 1.0, 'below': 24.0},
        {'name': 'a-week-later', 'weight': -0.5, 'says': "the edit was made more than a week after the agent's commit", 'fact': 'hours', 'at_least': 168.0},
        {'name': 'most-of-the-work', 'weight': 0.5, 'says': "at least half of what the agent's commit added was removed", 'fact': 'undone', 'at_least': 0.5},
        {'name': 'sweeping', 'weight': -1.0, 'says': 'the commit changes 10 files or more', 'fact': 'files', 'at_least': 10},
        {'name': 'large', 'weight': -0.25, 'says': 'the commit changes 300 lines or more', 'fact': 'lines', 'at_least': 300},
        {'name': 'same-person', 'weight': 0.25, 'says': "the same person committed the agent's work", 'fact': 'same_person', 'at_least': 1},
        {'name': 'only-insertions', 'weight': -1.0, 'says': "lines were only inserted between the agent's, none was changed", 'fact': 'inserted_share', 'at_least': 1.0},
        {'name': 'comments-or-strings', 'weight': 0.25, 'says': 'mostly comments, strings, names or prose were changed, not logic', 'fact': 'surface_share', 'at_least': 0.7},
        {'name': 'moved', 'weight': -1.25, 'says': 'most of the removed lines were moved within the commit', 'fact': 'moved_share', 'at_least': 0.6},
        {'name': 'minutes-later', 'weight': 0.75, 'says': "the edit was made within ten minutes of the agent's commit", 'fact': 'hours', 'below': 0.17},
        {'name': 'one-file', 'weight': 0.5, 'says': 'the commit changes one file', 'fact': 'files', 'below': 2},
        {'name': 'a-line-or-two', 'weight': -0.75, 'says': "the commit touches only one or two of the agent's lines", 'fact': 'touched', 'below': 3},
        {'name': 'test-upkeep', 'weight': -1.0, 'says': 'the message mentions tests, which often follow another change', 'words': Expression('\\btests?\\b', ('test',))},
        {'name': 'prose', 'weight': -0.5, 'says': 'mostly documentation was edited, not code', 'fact': 'prose_share', 'at_least': 0.7},
        {'name': 'added-before-the-commit', 'weight': -2.0, 'says': "lines were inserted before the agent's work was committed, which may be the next step of the work", 'fact': 'uncommitted_insertions', 'at_least': 4},
    ],
}
