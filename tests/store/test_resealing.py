"""Which columns are sealed stands in the tables' definitions, and nowhere else."""

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, String, Table

from notifier.store import resealing
from notifier.store.tables import Base

UNSEALED = {"login_throttles.bucket", "encryption_keys.fingerprint"}  # a hash each, no envelope
BYTES = [
    column
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, LargeBinary)
]


@pytest.mark.parametrize("column", BYTES, ids=str)
def test_every_column_of_bytes_is_a_hash_or_is_resealed(column: Column[bytes]) -> None:
    """A new one named otherwise fails here: its values would be lost with an old key."""
    if column.name.endswith("_hash") or str(column) in UNSEALED:
        return
    assert column in resealing.columns(column.table)


@pytest.mark.parametrize("table", resealing.tables(), ids=str)
def test_every_table_with_sealed_columns_has_one_column_of_text_as_its_key(table: Table) -> None:
    (key,) = table.primary_key
    assert isinstance(key.type, String)


def test_a_new_sealed_column_is_found_by_its_definition() -> None:
    made = Table(
        "petitions",
        MetaData(),
        Column("id", String, primary_key=True),
        Column("words_cipher", LargeBinary),
        Column("words_hash", LargeBinary),
        Column("cipher", String),
    )
    assert [column.name for column in resealing.columns(made)] == ["words_cipher"]
    assert resealing.sealed_as("words_cipher") == "words"
