"""How many lessons an agent is given while it works, and whether they fit."""
