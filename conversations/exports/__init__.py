"""A conversation as a file: JSON for programs, Markdown for people. Written page by page, whatever its length."""

from conversations.exports.downloads import attachment_name, download, safe_name
from conversations.exports.json_file import json_file
from conversations.exports.markdown_file import markdown_file

__all__ = ["attachment_name", "download", "json_file", "markdown_file", "safe_name"]
