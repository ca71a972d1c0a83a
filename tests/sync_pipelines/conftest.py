"""PostgreSQL for those who ask for it."""

from collections.abc import Generator

import pytest

from tests.postgres import Databases, NoPostgresError, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Generator[Databases]:
    try:
        with running_postgres() as databases:
            yield databases
    except NoPostgresError as error:
        pytest.skip(f"no PostgreSQL: {error}")


@pytest.fixture(scope="module")
def postgres_url(postgres: Databases) -> str:
    """A database of the module's own."""
    return postgres.create()
