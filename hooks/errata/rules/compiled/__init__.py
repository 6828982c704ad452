"""The tables of the TOML beside this folder, made by ``python -m errata.rules``."""
