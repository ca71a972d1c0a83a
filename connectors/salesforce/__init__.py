"""Salesforce as a connected system: connector, settings and a simulator of the REST dialect."""
