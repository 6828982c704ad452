"""From corrections to lessons: edits described, grouped and put into words."""
