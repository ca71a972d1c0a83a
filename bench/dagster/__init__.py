"""What Dagster costs."""
