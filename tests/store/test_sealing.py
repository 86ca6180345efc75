"""Sealed columns: only their own row opens, and only with their own key."""

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Key
from notifier.store.sealing import KeyedHashes, SealBroken, Sealer

OLD, NEW = Key("k1", b"1" * 32), Key("k2", b"2" * 32)
PLACE = {"table": "messages", "column": "phone", "row": "msg_1"}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens_in_its_place(plain: str) -> None:
    sealer = Sealer([OLD])
    assert sealer.open(sealer.seal(plain, **PLACE), **PLACE) == plain


@pytest.mark.parametrize("moved", [{"table": "inbound"}, {"column": "text"}, {"row": "msg_2"}])
def test_a_value_moved_elsewhere_does_not_open(moved: dict[str, str]) -> None:
    sealer = Sealer([OLD])
    envelope = sealer.seal("+84912345678", **PLACE)
    with pytest.raises(SealBroken):
        sealer.open(envelope, **{**PLACE, **moved})


def test_parts_of_a_place_do_not_run_together() -> None:
    """`ab` + `c` is not `a` + `bc`."""
    sealer = Sealer([OLD])
    envelope = sealer.seal("x", table="ab", column="c", row="d")
    with pytest.raises(SealBroken):
        sealer.open(envelope, table="a", column="bc", row="d")


def test_no_bit_of_an_envelope_can_be_changed() -> None:
    sealer = Sealer([OLD])
    envelope = sealer.seal("số điện thoại", **PLACE)
    for place, bit in product(range(len(envelope)), range(8)):
        broken = bytearray(envelope)
        broken[place] ^= 1 << bit
        with pytest.raises(SealBroken):
            sealer.open(bytes(broken), **PLACE)


@pytest.mark.parametrize("cut", [0, 1, 2, 4, 15, -1])
def test_a_cut_envelope_does_not_open(cut: int) -> None:
    sealer = Sealer([OLD])
    with pytest.raises(SealBroken):
        sealer.open(sealer.seal("x", **PLACE)[:cut], **PLACE)


def test_a_ring_opens_what_an_older_key_sealed_and_seals_with_the_first() -> None:
    before, rotated, without = Sealer([OLD]), Sealer([NEW, OLD]), Sealer([NEW])
    envelope = before.seal("x", **PLACE)
    assert rotated.open(envelope, **PLACE) == "x"
    fresh = rotated.seal("x", **PLACE)
    assert without.open(fresh, **PLACE) == "x"
    with pytest.raises(SealBroken, match="lacks the key 'k1'"):
        without.open(envelope, **PLACE)


def test_the_same_words_never_look_alike() -> None:
    sealer = Sealer([OLD])
    sealed = {sealer.seal("Đạt", **PLACE) for _ in range(100)}
    assert len(sealed) == 100
    assert not any("Đạt".encode() in one for one in sealed)


def test_an_empty_ring_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Sealer([])


def test_no_repr_and_no_error_shows_a_key_or_a_value() -> None:
    sealer, hashes = Sealer([OLD]), KeyedHashes(b"h" * 32)
    with pytest.raises(SealBroken) as broken:
        sealer.open(b"\x01\x02k1" + b"0" * 40, **PLACE)
    for shown in (repr(OLD), repr(sealer), repr(hashes), str(broken.value)):
        assert "1111" not in shown
        assert "hhhh" not in shown


HASHES: list[Callable[[KeyedHashes], Callable[[str], bytes]]] = [
    lambda hashes: hashes.phone,
    lambda hashes: hashes.body,
]


@pytest.mark.parametrize("use", HASHES)
def test_a_hash_is_the_same_each_time_and_another_with_another_key(
    use: Callable[[KeyedHashes], Callable[[str], bytes]],
) -> None:
    ours, others = use(KeyedHashes(b"h" * 32)), use(KeyedHashes(b"i" * 32))
    assert ours("+84912345678") == ours("+84912345678")
    assert ours("+84912345678") != others("+84912345678")
    assert len(ours("x")) == 32


def test_a_phone_and_a_body_of_the_same_characters_hash_apart() -> None:
    hashes = KeyedHashes(b"h" * 32)
    assert hashes.phone("x") != hashes.body("x")
