"""What matching knows of the world, as data: legal forms, places, trades, mail providers, public suffixes, headings."""
