"""Which department and project an entry belongs to: pure rules, which suggest and never decide."""
