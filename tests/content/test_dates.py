"""Days and months are written as the language of the newsletter does."""

from datetime import date

import pytest

from content.dates import say_day, say_month

DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("language", "with_year", "without", "month"),
    [
        ("", "December 1, 2026", "December 1", "December 2026"),
        ("en", "December 1, 2026", "December 1", "December 2026"),
        ("en-GB", "1 December 2026", "1 December", "December 2026"),
        ("de", "1. Dezember 2026", "1. Dezember", "Dezember 2026"),
        ("es-MX", "1 de diciembre de 2026", "1 de diciembre", "diciembre de 2026"),
        ("ja", "2026年12月1日", "12月1日", "2026年12月"),
        ("tlh-x", "December 1, 2026", "December 1", "December 2026"),
    ],
)
def test_a_day_and_a_month_in_words(language, with_year, without, month):
    assert say_day(DAY, language) == with_year
    assert say_day(DAY, language, with_year=False) == without
    assert say_month(DAY, language) == month
