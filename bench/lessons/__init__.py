"""What errata learns from real histories, beside what people read in them."""
