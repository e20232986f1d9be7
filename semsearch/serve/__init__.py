"""An index over HTTP: an API for programs, and a page to search with. Needs the extra `semsearch[serve]`."""
