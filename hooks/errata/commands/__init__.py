"""One module per subcommand of `errata`: parses arguments and prints, computes nothing."""
