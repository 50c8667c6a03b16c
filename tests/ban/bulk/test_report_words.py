"""Every word that a report counts has a meaning, and every meaning is of a word that something counts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from frgov_clients.ban import bulk
from frgov_clients.ban.address import SKIPS
from frgov_clients.ban.bulk.report.words import REPORT_NOTES, SKIPPED_ROWS, meanings_of


def nodes() -> Iterator[ast.AST]:
    assert bulk.__file__ is not None
    for path in Path(bulk.__file__).parent.rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def words_of(node: ast.AST) -> set[str]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_notes():
    """`notes[...] += ...`, wherever it stands; a name that is no constant would be missed, and fails."""
    counted = set[str]()
    for node in nodes():
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Subscript):
            if "notes" not in ast.unparse(node.target.value):
                continue
            assert isinstance(node.target.slice, ast.Constant), ast.unparse(node)
            counted |= words_of(node.target.slice)
    assert counted == set(REPORT_NOTES)


def test_what_the_service_passes_over():
    calls = [node for node in nodes() if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    skipping = [node for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr == "skip"]
    given = set[str]().union(*(words_of(node) for node in skipping if "settling" in ast.unparse(node.func)))
    assert given == SKIPPED_ROWS.keys() - SKIPS.keys()


@pytest.mark.parametrize("kind", ["search", "reverse"])
def test_both_kinds_have_them(kind):
    meanings = meanings_of(kind)
    assert "refused_by_service" in meanings["skipped"]
    assert {"other_columns", "rows_count_differs"} <= meanings["notes"].keys()
