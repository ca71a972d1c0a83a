"""The commands of `concordat`, by theme. Nothing here is imported before its command runs."""
