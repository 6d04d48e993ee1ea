"""What people give and take: files, tables, numbers, dates; each read in one way everywhere."""
