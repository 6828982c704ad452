"""Whether lessons help: what agents repeated before a lesson was in force, and after."""
