"""Many repositories at once: what `errata export` writes, read together."""
