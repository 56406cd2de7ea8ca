"""Units with any valid tree of tags."""

from typing import Any

from hypothesis import strategies as st

from app.documents.format import InlineTag, TagKind, Unit

_WORDS = st.text(st.sampled_from("abc é中."), max_size=6)
_LEAF = st.one_of(_WORDS, st.just(TagKind.POINT), st.tuples(st.just(TagKind.KEPT), _WORDS.filter(bool)))
_TREE: st.SearchStrategy[Any] = st.recursive(
    _LEAF, lambda inner: st.tuples(st.just(TagKind.PAIR), st.lists(inner, max_size=3)), max_leaves=8
)


def tagged() -> st.SearchStrategy[Unit]:
    return st.lists(_TREE, max_size=5).map(_unit)


def _unit(trees: list[Any]) -> Unit:
    tags: list[InlineTag] = []
    text = ""

    def grow(tree: Any, parent: int | None) -> None:
        nonlocal text
        number, start = len(tags), len(text)
        if isinstance(tree, str):
            text += tree
        elif tree is TagKind.POINT:
            tags.append(InlineTag(TagKind.POINT, start, start, "img", parent))
        elif tree[0] is TagKind.KEPT:
            text += tree[1]
            tags.append(InlineTag(TagKind.KEPT, start, len(text), "code", parent))
        else:
            tags.append(InlineTag(TagKind.PAIR, start, start, "b", parent))
            for inner in tree[1]:
                grow(inner, number)
            tags[number] = InlineTag(TagKind.PAIR, start, len(text), "b", parent)

    for tree in trees:
        grow(tree, None)
    return Unit(text, tuple(tags))
