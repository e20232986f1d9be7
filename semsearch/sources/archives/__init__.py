"""Files that hold other files, and the records of crawlers."""
