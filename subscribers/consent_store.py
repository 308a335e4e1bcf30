"""The evidence of consents on disk: written once, never changed."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import orjson
from sqlite_utils import Database

from subscribers.consent import Action, Actor, Basis, Consent

# Nobody needs more of what a browser says of itself to know it again.
_LONGEST_AGENT = 300


def add_consent(db: Database, subscriber_id: str, consent: Consent) -> None:
    """Write down what happened to somebody's consent, with the address they have now."""
    facts = {
        "id": subscriber_id,
        "action": consent.action.value,
        "basis": consent.basis.value,
        "basis_expires": consent.basis_expires and consent.basis_expires.isoformat(),
        "at": consent.at.isoformat(),
        "source": consent.source,
        "actor": consent.actor.value,
        "wording": consent.wording,
        "language": consent.language,
        "ip": consent.ip,
        "agent": consent.agent[:_LONGEST_AGENT],
        "request": consent.request,
        "evidence": consent.evidence,
    }
    with db.atomic():
        db.execute(_ADD, facts)


_ADD = """
    INSERT INTO consents (subscriber_id, address, action, basis, basis_expires, at, source, actor,
                          wording, language, ip, agent, request, evidence)
    SELECT id, address, :action, :basis, :basis_expires, :at, :source, :actor,
           :wording, :language, :ip, :agent, :request, :evidence
      FROM subscribers WHERE id = :id"""


def consents_of(db: Database, subscriber_id: str) -> list[Consent]:
    """Everything that happened to somebody's consent, in the order it was written down."""
    rows = db.query(
        "SELECT * FROM consents WHERE subscriber_id = :id ORDER BY id", {"id": subscriber_id}
    )
    return [_as_consent(row) for row in rows]


def keep_wording(db: Database, text: str, *, language: str, now: datetime) -> str:
    """Keep the words that people agree to; give their hash, by which consents name them."""
    name = hashlib.sha256(text.encode()).hexdigest()
    with db.atomic():
        db.execute(
            """INSERT INTO wordings (hash, version, text, language, since)
               VALUES (:name, (SELECT coalesce(max(version), 0) + 1 FROM wordings),
                       :text, :language, :now)
               ON CONFLICT (hash) DO NOTHING""",
            {"name": name, "text": text, "language": language, "now": now.isoformat()},
        )
    return name


def words_of(db: Database, hashes: Iterable[str]) -> dict[str, str]:
    """The words that these hashes stand for."""
    rows = db.query(
        "SELECT hash, text FROM wordings WHERE hash IN (SELECT value FROM json_each(:hashes))",
        {"hashes": orjson.dumps(list(hashes)).decode()},
    )
    return {row["hash"]: row["text"] for row in rows}


def _as_consent(row: dict[str, Any]) -> Consent:
    expires = row["basis_expires"]
    return Consent(
        action=Action(row["action"]),
        at=datetime.fromisoformat(row["at"]),
        source=row["source"],
        actor=Actor(row["actor"]),
        basis=Basis(row["basis"]),
        basis_expires=date.fromisoformat(expires) if expires else None,
        wording=row["wording"],
        language=row["language"],
        ip=row["ip"],
        agent=row["agent"],
        request=row["request"],
        evidence=row["evidence"],
    )
