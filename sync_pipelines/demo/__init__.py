"""`concordat demo`: CRM, shop and ERP with 300 firms, and the whole job in four stories."""
