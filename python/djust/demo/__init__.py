"""A small Django site made of live views: a counter, a to-do list, a search and a table.

``python -m djust demo`` serves it. Each page is one class in `views/` and one template in
`templates/djust_demo/`, written the way an application of your own would be.
"""
