import pytest
from data import fill


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        fill()


@pytest.fixture(autouse=True)
def _database(db):
    """Every test reads the same library, but for those that commit, which run last and bring one."""
