"""One module per subcommand of `errata`; each prints, none computes."""
