"""Kingdee 云星空 (K/3 Cloud WebAPI) as a connected system: connector, settings and a simulator."""
