"""The pages of packages that thousands of sites use, rendered by Django and by djust."""
