"""Somebody else's ChatKit server, and the gallery of widgets: the element without our site.

`python -m tests.elsewhere` serves both: `/` is a chat, `/gallery` shows every widget with its JSON.
"""
