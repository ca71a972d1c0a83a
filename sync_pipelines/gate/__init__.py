"""The gate: one ASGI process with login and roles in front of Dagster's pages, metrics, and the door for webhooks."""
