"""Shopify as a connected system: connector, settings and a simulator of the Admin GraphQL dialect."""
