from pathlib import Path

import pytest

from harness.planner.catalogue import Catalogue, Column, IndexFacts, Relation
from harness.planner.pages import MOST_PAGES, PAGE_BYTES, index_pages, table_pages
from harness.planner.scaling import Extent
from harness.planner.sparse import SEGMENT_PAGES, extend_files


def catalogue(rows: float, pages: int, width_bytes: int = 72) -> Catalogue:
    return Catalogue(
        relations=(
            Relation(oid=1, schema="public", name="orders", kind="r", rows=rows, pages=pages, visible=pages),
        ),
        columns=(
            Column(relation=1, number=1, name="id", type="uuid", category="U", width_bytes=width_bytes),
        ),
    )


def index(rows: float, pages: int, method: str = "btree") -> IndexFacts:
    return IndexFacts(
        oid=2,
        relation=1,
        schema="public",
        name="orders_pkey",
        table="orders",
        columns=("id",),
        included=(),
        numbers=(1,),
        method=method,
        unique=True,
        primary=True,
        constraint="orders_pkey",
        partial="",
        definition="",
        rows=rows,
        pages=pages,
        path="base/5/2",
        size_bytes=pages * PAGE_BYTES,
        width_bytes=0,
    )


def test_a_table_of_many_pages_grows_in_proportion() -> None:
    known = catalogue(10_000, 125)
    assert table_pages(known, known.relations[0], 100_000) == 1_250


def test_a_table_of_one_half_empty_page_grows_by_the_width_of_its_rows() -> None:
    known = catalogue(3, 1)
    # 72 bytes and 28 of header and pointer: 81 rows fit a page.
    assert table_pages(known, known.relations[0], 30_000) == pytest.approx(30_000 / 81, rel=0.02)


def test_an_empty_table_stays_empty() -> None:
    known = catalogue(0, 0)
    assert table_pages(known, known.relations[0], 0) == 0


def test_the_first_page_of_a_btree_does_not_grow() -> None:
    assert index_pages(catalogue(10_000, 125), index(10_000, 41), 10) == 401


def test_a_btree_of_one_leaf_grows_by_the_width_of_its_entries() -> None:
    # 72 bytes and 12 of header and pointer, nine tenths full: 87 entries a page.
    assert index_pages(catalogue(3, 1), index(3, 2), 10_000) == pytest.approx(30_000 / 87, rel=0.02)


def test_a_gin_grows_in_proportion_and_a_brin_stays() -> None:
    assert index_pages(catalogue(10_000, 125), index(10_000, 40, "gin"), 10) == 400
    assert index_pages(catalogue(10_000, 125), index(10_000, 3, "brin"), 10) == 3


def test_pages_never_outgrow_their_catalogue() -> None:
    known = catalogue(1e9, 12_500_000)
    assert table_pages(known, known.relations[0], 1e13) == MOST_PAGES


def test_files_are_extended_in_segments_and_take_no_room(tmp_path: Path) -> None:
    (tmp_path / "5").mkdir()
    file = tmp_path / "5" / "2"
    file.write_bytes(b"x" * PAGE_BYTES)
    extend_files(tmp_path, [Extent(path="5/2", pages=2 * SEGMENT_PAGES + 3)])
    sizes = [path.stat().st_size for path in sorted(file.parent.iterdir())]
    assert sizes == [SEGMENT_PAGES * PAGE_BYTES, SEGMENT_PAGES * PAGE_BYTES, 3 * PAGE_BYTES]
    assert sum(path.stat().st_blocks for path in file.parent.iterdir()) * 512 < 1 << 20
    with file.open("rb") as first:
        assert first.read(PAGE_BYTES) == b"x" * PAGE_BYTES


def test_files_are_never_shortened(tmp_path: Path) -> None:
    (tmp_path / "2").write_bytes(b"x" * 3 * PAGE_BYTES)
    extend_files(tmp_path, [Extent(path="2", pages=1)])
    assert (tmp_path / "2").stat().st_size == 3 * PAGE_BYTES
