"""The state as HTML, Markdown, CSV and JSON (pure)."""
