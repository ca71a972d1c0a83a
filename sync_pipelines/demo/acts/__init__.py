"""What happens in the demo, act by act. Every claim is looked up in the systems themselves or in the ledger."""
