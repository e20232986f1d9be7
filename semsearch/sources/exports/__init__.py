"""Files in which a press archive exported several articles: lines of text, whatever they were in -> documents."""
