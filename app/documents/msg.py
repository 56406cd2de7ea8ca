"""Outlook messages: read as the mail messages that they are, and written as such (.eml), which every mail program
opens: a compound file is not written anew.
"""

from collections.abc import Sequence
from dataclasses import replace

from app.documents import outlook
from app.documents.eml import Eml
from app.documents.format import Composed, Document, Note, Options, Translated
from app.documents.sample import Sample


class Msg:
    name = "msg"
    title = "Outlook message"
    media_types = ("application/vnd.ms-outlook",)
    suffixes = (".msg",)

    def __init__(self, mail: Eml) -> None:
        self._mail = mail

    def sniff(self, sample: Sample) -> float:
        return 0.95 if outlook.is_message(sample.data) else 0.0

    def extract(self, data: bytes, options: Options) -> Document:
        options.limits.check_bytes(len(data))
        # Attachments come packed for mail, a third larger.
        limits = replace(options.limits, max_bytes=2 * options.limits.max_bytes)
        mail = outlook.as_mail(data, limits)
        return replace(self._mail.extract(mail, replace(options, limits=limits)), format=self.name)

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        made = self._mail.compose(document, translations, target=target)
        note = Note("written_as_eml", "An Outlook message is written as a mail message (.eml).")
        return replace(made, notes=(*made.notes, note))
