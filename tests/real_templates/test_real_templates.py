"""Pages of the admin, of django-allauth and of django-crispy-forms are those of Django."""

import pytest

from djust import template
from tests.real_templates.engines import with_backend, with_djust, with_engine
from tests.real_templates.pages import PAGES, fill_database, visit

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def library(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        fill_database()
        yield


@pytest.mark.parametrize("name", PAGES)
def test_a_real_page_is_the_one_of_django(name, monkeypatch):
    status, wanted = visit(name)
    monkeypatch.setattr(template, "PLANNED_FROM", 1)
    with with_backend():
        assert visit(name) == (status, wanted)
    with with_engine(with_djust):
        assert visit(name) == (status, wanted)
    assert status in (200, 302)
    assert len(wanted) > (300 if status == 200 else -1)


def test_the_measurement_names_what_is_left_to_django():
    from tests.real_templates.measure import Left, counted

    left = Left()
    with with_engine(with_djust), counted(left):
        visit("crispy: form")
    assert left.calls["CrispyFormNode"] == 1
    assert left.seconds["CrispyFormNode"] > 0
