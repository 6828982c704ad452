"""The harnesses use the sealed environment and the repositories of the tests."""

from tests.conftest import empty_repository, repo, sealed

__all__ = ["empty_repository", "repo", "sealed"]
