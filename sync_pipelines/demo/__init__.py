"""`concordat demo`: a simulated Salesforce, a real Tryton, 300 firms, and the whole job step by step."""
