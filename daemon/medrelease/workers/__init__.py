"""Workers: everything that reads a file's content runs in these sandboxed processes."""
