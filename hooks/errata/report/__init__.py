"""The report for a lead: figures, lessons and plots of one repository, as HTML or Markdown."""
