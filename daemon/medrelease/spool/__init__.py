"""Spool: the share's folders, and the only room that renames or deletes anything in them."""
