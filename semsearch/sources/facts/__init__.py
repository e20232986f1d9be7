"""What a source says of one article, in whatever spelling, and the article that comes of it."""
