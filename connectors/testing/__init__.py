"""Systems that live in memory, the faults that befall them, and the suite every connector inherits.

Shipped with the package: whoever writes a connector of their own tests it with this, and a simulator keeps its
state here.
"""
