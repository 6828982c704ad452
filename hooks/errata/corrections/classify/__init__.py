"""Is an edit a correction, and of which kind?"""
