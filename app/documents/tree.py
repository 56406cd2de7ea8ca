"""Well-formed XML as elements over the source's own tokens."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.documents.markup import Kind, Scanner, Token
from app.documents.xml import local, values


@dataclass(slots=True)
class Element:
    name: str
    """Without its prefix."""
    opening: Token
    values: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    tokens: tuple[Token, ...] = ()
    """All between its tags."""
    end: int = 0
    """After its end tag."""

    @property
    def inner(self) -> tuple[int, int]:
        """The range between its tags; where it is written `<name/>`, that of the whole tag."""
        if self.opening.closed:
            return self.opening.start, self.opening.end
        return self.opening.end, self.tokens[-1].end if self.tokens else self.opening.end

    def child(self, name: str) -> "Element | None":
        return next((each for each in self.children if each.name == name), None)

    def below(self) -> Iterator["Element"]:
        """Itself and all elements within, in order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += reversed(element.children)


def root(text: str) -> Element:
    """`text` must have been checked (app/documents/xml.py, parsed)."""
    tokens = list(Scanner(text, xml=True).tokens())
    top = Element("", Token(Kind.OTHER, 0, 0), {})
    opened = [(top, -1)]
    for number, token in enumerate(tokens):
        if token.kind is Kind.START:
            element = Element(local(token.name), token, values(text, token), end=token.end)
            opened[-1][0].children.append(element)
            if not token.closed:
                opened.append((element, number))
        elif token.kind is Kind.END:
            element, first = opened.pop()
            element.tokens, element.end = tuple(tokens[first + 1 : number]), token.end
    return top.children[0]
