"""Made from kinds.toml by ``python -m errata.rules``: do not edit."""

from errata.rules.expression import Expression

TABLE = {
    'type': [
        {'type': 'approach_rejection', 'words': Expression('^revert|\\breverts? commit\\b|\\bdifferent approach\\b|\\brethink|\\brewrit(?:e|ten)\\b|\\bstart over\\b', ('different approach', 'rethink', 'revert', 'rewrit', 'start over'))},
        {'type': 'expectation_mismatch', 'words': Expression('\\b(?:remov(?:e[ds]?|ing)|drop(?:s|ped)?|delete[ds]?|unnecessary|unneeded|unwanted|unintended|trim(?:med|s)?)\\b', ('delete', 'drop', 'remove', 'removing', 'trim', 'unintended', 'unnecessary', 'unneeded', 'unwanted')), 'unless': Expression('\\b(?:fix(?:es|ed)?:? (?!.*remov)|duplicate|data)\\b', ('data', 'duplicate', 'fix ', 'fix: ', 'fixed ', 'fixed: ', 'fixes ', 'fixes: ')), 'facts': {'removed_share': [0.65, 1.0], 'share': [0.3, 1.0], 'prose_share': [0.0, 0.5]}},
        {'type': 'expectation_mismatch', 'words': Expression('\\bcomments?\\b', ('comment',)), 'facts': {'comment_share': [0.5, 1.0], 'removed_share': [0.5, 1.0]}},
        {'type': 'expectation_mismatch', 'unless': Expression('\\b(?:fix|bug|test|broken|typo|duplicate|unused|ruff|lint|restore|hot-?fix)', ('broken', 'bug', 'duplicate', 'fix', 'lint', 'restore', 'ruff', 'test', 'typo', 'unused')), 'facts': {'removed_share': [0.85, 1.0], 'undone': [0.0, 0.6], 'surface_share': [0.0, 0.6]}},
        {'type': 'expectation_mismatch', 'facts': {'comment_share': [0.7, 1.0], 'removed_share': [0.65, 1.0]}},
        {'type': 'approach_rejection', 'unless': Expression('\\b(?:typo|fix(?:es|ed)? test|test fix)', ('fix test', 'fixed test', 'fixes test', 'test fix', 'typo')), 'facts': {'undone': [0.6, 1000.0], 'removed': [8, 1000000], 'lines': [20, 1000000], 'share': [0.15, 1.0], 'surface_share': [0.0, 0.5]}},
        {'type': 'code_completeness', 'facts': {'inserted_share': [0.6, 1.0]}},
        {'type': 'code_completeness', 'words': Expression('\\b(?:missing|forg[eo]t|also|limit|truncate|handle[ds]?|handling|guard|edge case)\\b', ('also', 'edge case', 'forget', 'forgot', 'guard', 'handle', 'handling', 'limit', 'missing', 'truncate')), 'facts': {'removed_share': [0.0, 0.4]}},
        {'type': 'preference_conflict', 'unless': Expression('\\b(?:fix|bug|correct|typo|wrong|broken|restore|missing|hot-?fix)', ('broken', 'bug', 'correct', 'fix', 'missing', 'restore', 'typo', 'wrong')), 'facts': {'surface_share': [0.7, 1.0]}},
        {'type': 'preference_conflict', 'words': Expression('\\b(?:style|styling|clarity|clarify|clarifies|wording|reword|rename|renamed|simplify|simplified|tweak|better|nicer|cleaner|moves?|polish|condense|reorder)', ('better', 'clarif', 'clarity', 'cleaner', 'condense', 'move', 'nicer', 'polish', 'rename', 'reorder', 'reword', 'simpli', 'style', 'styling', 'tweak', 'wording')), 'unless': Expression('\\b(?:bug|broken|wrong|crash|error)', ('broken', 'bug', 'crash', 'error', 'wrong'))},
    ],
}
