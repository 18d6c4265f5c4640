"""Pages of imports: a file, its columns, the preview, progress, and the result."""
