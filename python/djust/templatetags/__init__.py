"""Template tags: ``{% load djust %}``."""
