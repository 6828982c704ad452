"""Made from routing.toml by ``python -m errata.rules``: do not edit."""

TABLE = {
    'reviewers': [
        'code-reviewer',
        'reviewer',
    ],
    'default': [
        'api-dev',
    ],
    'paths': {'**/*_test.*': ['test-engineer'], '**/test_*.*': ['test-engineer'], '**/*.{test,spec}.*': ['test-engineer'], '{test,tests,e2e}/**': ['test-engineer'], '**/*.{tsx,jsx,vue,svelte,css,scss,html}': ['frontend-dev'], '{ui,web,frontend}/**': ['frontend-dev'], '**/{ui,frontend,components}/**': ['frontend-dev'], '.github/**': ['sre'], '{config,deploy,charts,infra,k8s,terraform}/**': ['sre'], '**/Dockerfile*': ['sre'], '**/*.tf': ['sre'], '**/kustomization.{yaml,yml}': ['sre'], '**/{api,apis,apiserver,registry,controllers}/**': ['api-dev']},
    'categories': {'security': ['api-dev', 'sre'], 'performance': ['api-dev', 'sre'], 'api': ['api-dev'], 'infrastructure': ['sre'], 'testing': ['test-engineer']},
}
