"""How good proposed checks are on histories that are cut in time."""
