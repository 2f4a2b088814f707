"""One module a venue: ``ROUTES`` in its documented shape, ``CASE`` with what they mean."""
