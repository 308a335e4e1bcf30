"""The provider for a first look: every letter becomes an .eml file that a mail program opens.

A batch is written into a hidden folder and appears under its name by one rename, so a batch is
there as a whole or not at all, whatever dies in between.
"""

import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from delivery.errors import AccountHalted, OutcomeUnknown
from delivery.mailing import Batch, send_key
from delivery.message import (
    Answer,
    FormLetter,
    Handover,
    Message,
    Payload,
    Receipt,
    all_taken,
)
from delivery.mime import mime_stencil, mime_values
from delivery.providers.base import Limits, Plain
from delivery.stencil import Stencil

_log = logging.getLogger(__name__)
Render = Callable[[str, Mapping[str, Any]], str]
_SHOWN = 200


class Outbox(Plain):
    """Writes `FOLDER/MAILING/batch-ID/SUBSCRIBER.eml`, and pages that list them."""

    name = "outbox"
    account = "this machine"
    limits = Limits(letters=500, bytes=16 * 1024**2, absent_after=timedelta(), as_one=True)

    def __init__(self, folder: Path, render: Render) -> None:
        self._folder = folder
        self._render = render
        self._stencils: dict[FormLetter, Stencil] = {}

    def encode(
        self, batch_id: str, letter: FormLetter, messages: Sequence[Message], *, now: datetime
    ) -> Payload:
        """One whole message (RFC 5322) a reader."""
        stencil = self._stencil(letter, now)
        parts = tuple(b"".join(stencil.pieces(mime_values(message))) for message in messages)
        return Payload(batch_id, tuple(messages), parts, kind="message/rfc822")

    def submit(self, payload: Payload) -> Handover:
        """Write the batch; on return it is on the disk, not only in the system's memory."""
        mailing = self._folder / payload.messages[0].send_key.rpartition(".")[0]
        hidden, final = mailing / f".{payload.batch_id}", mailing / f"batch-{payload.batch_id}"
        try:
            shutil.rmtree(hidden, ignore_errors=True)
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # addresses lie in it
            hidden.mkdir(parents=True)
            for message, part in zip(payload.messages, payload.parts, strict=True):
                (hidden / _file_name(message.send_key)).write_bytes(part)
            # One flush of everything costs less than one for each of 500 files.
            os.sync()
            hidden.rename(final)
        except OSError as error:
            where = f"the outbox {self._folder}"
            raise AccountHalted(f"{where} cannot be written: {error.strerror}") from error
        try:
            _flush(mailing)
        except OSError as error:  # the letters are there, and may not outlast a power cut
            raise OutcomeUnknown(f"the disk answered: {error.strerror}") from error
        return all_taken(payload.messages, [_file_name(m.send_key) for m in payload.messages])

    def reconcile(self, batch: Batch, *, now: datetime) -> dict[str, Receipt]:
        """A batch that is under its final name was taken; what is half written is cleared away."""
        mailing = self._folder / batch.mailing_key
        shutil.rmtree(mailing / f".{batch.id}", ignore_errors=True)
        if not (mailing / f"batch-{batch.id}").is_dir():
            return {}
        keys = [send_key(batch.mailing_key, d.subscriber_id) for d in batch.deliveries]
        return {key: _receipt(key) for key in keys}

    def find(self, send_keys: Sequence[str]) -> dict[str, Receipt]:
        """The letters that lie in a batch of their mailing, whichever."""
        found: dict[str, Receipt] = {}
        for key in send_keys:
            mailing = self._folder / key.rpartition(".")[0]
            if any(mailing.glob(f"batch-*/{_file_name(key)}")):
                found[key] = _receipt(key)
        return found

    def close(self) -> None:
        """Write the pages: one that lists the mailings, and one for each mailing."""
        try:
            self._write_pages()
        except OSError as error:  # the letters count, and no trouble with a page may hide theirs
            _log.warning("the outbox's pages could not be written: %s", error.strerror)

    def _write_pages(self) -> None:
        if not self._folder.is_dir():
            return
        mailings = [path for path in sorted(self._folder.iterdir(), reverse=True) if path.is_dir()]
        counts = [(path.name, self._index_mailing(path)) for path in mailings]
        page = self._render("outbox_index.html", {"mailings": counts})
        (self._folder / "index.html").write_text(page, encoding="utf-8")

    def _index_mailing(self, mailing: Path) -> int:
        count = 0
        shown: list[tuple[str, str]] = []
        for batch in sorted(mailing.glob("batch-*")):
            names = sorted(os.listdir(batch))
            count += len(names)
            first = names[: _SHOWN - len(shown)]
            shown += [(f"{batch.name}/{name}", _recipient(batch / name)) for name in first]
        values = {"key": mailing.name, "letters": shown, "count": count}
        page = self._render("outbox_mailing.html", values)
        (mailing / "index.html").write_text(page, encoding="utf-8")
        return count

    def _stencil(self, letter: FormLetter, now: datetime) -> Stencil:
        if letter not in self._stencils:
            self._stencils[letter] = mime_stencil(letter, now=now)
        return self._stencils[letter]


def _file_name(key: str) -> str:
    return key.rpartition(".")[2] + ".eml"


def _receipt(key: str) -> Receipt:
    return Receipt(key, Answer.SUBMITTED, provider_id=_file_name(key))


def _recipient(path: Path) -> str:
    """The To line of a letter, read from its head."""
    with path.open("rb") as file:
        head = BytesHeaderParser().parsebytes(file.read(4096))
    return str(make_header(decode_header(head.get("To", ""))))


def _flush(folder: Path) -> None:
    """Make a rename last: the folder's own entry must be on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
