"""A small Django project that the tests of the package run in."""
