"""The systems of the little world as vendors' own: what each calls its kinds and fields, served on loopback."""
