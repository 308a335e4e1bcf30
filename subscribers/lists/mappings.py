"""What the columns of a list mean: whose export a file is, told by its header. Pure.

A column that is in no table here is left alone, and the reader of the report is told so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Meaning(StrEnum):
    """What a column says of a person; the words are those of the report."""

    ADDRESS = "address"
    NAME = "name"
    FIRST_NAME = "first name"
    LAST_NAME = "last name"
    TAGS = "tags"
    STATUS = "status"
    SUBSCRIBED = "whether they are subscribed"
    DISABLED = "whether letters are switched off"
    JOINED_AT = "when they joined"
    JOINED_IP = "from where they joined"
    CONFIRMED_AT = "when they confirmed"
    CONFIRMED_IP = "from where they confirmed"
    SOURCE = "how they joined"
    BASIS = "what allows us to write"
    LEFT_AT = "when they left"
    LEFT_WHY = "why they left"
    BOUNCED_AT = "when the address bounced"
    SUPPRESSED = "why the address is barred"
    LANGUAGE = "language"
    FREQUENCY = "how often"
    PAUSED_UNTIL = "paused until"
    WANTS_OFFERS = "wants to hear of programs"


class Said(NamedTuple):
    """The cells of one row by what they mean, '' where there is no such column."""

    address: str
    name: str
    first_name: str
    last_name: str
    tags: str
    status: str
    subscribed: str
    disabled: str
    joined_at: str
    joined_ip: str
    confirmed_at: str
    confirmed_ip: str
    source: str
    basis: str
    left_at: str
    left_why: str
    bounced_at: str
    suppressed: str
    language: str
    frequency: str
    paused_until: str
    wants_offers: str


@dataclass(frozen=True, slots=True)
class Service:
    """One program's export. Any set of `marks` in a header tells it; `columns` are its own."""

    name: str
    marks: tuple[frozenset[str], ...]
    columns: Mapping[str, Meaning]


@dataclass(frozen=True, slots=True)
class Understood:
    """What was made of a header: the service, each column's meaning, and what is left alone.

    `places` are the columns' numbers from 0, `columns` their names as they stand in the file.
    """

    service: str
    columns: Mapping[str, Meaning]
    left_alone: tuple[str, ...]
    places: Mapping[Meaning, int]


def understand(header: Sequence[str]) -> Understood:
    """Tell whose export a header is, and what its columns mean."""
    names = [cell.strip().lower() for cell in header]
    service = next((s for s in SERVICES if any(mark <= set(names) for mark in s.marks)), PLAIN)
    places: dict[Meaning, int] = {}
    # A program's own column outranks a plain one of the same meaning, an earlier one a later.
    for column, meaning in [*service.columns.items(), *PLAIN.columns.items()]:
        if column in names and names.index(column) not in places.values():
            places.setdefault(meaning, names.index(column))
    meanings = {place: meaning for meaning, place in places.items()}
    return Understood(
        service=service.name,
        columns={header[place].strip(): meanings[place] for place in sorted(meanings)},
        left_alone=tuple(c.strip() for n, c in enumerate(header) if n not in meanings),
        places=places,
    )


PLAIN = Service(
    "plain CSV",
    (),
    {
        "email": Meaning.ADDRESS,
        "e-mail": Meaning.ADDRESS,
        "email address": Meaning.ADDRESS,
        "email_address": Meaning.ADDRESS,
        "address": Meaning.ADDRESS,
        "name": Meaning.NAME,
        "full name": Meaning.NAME,
        "full_name": Meaning.NAME,
        "first_name": Meaning.FIRST_NAME,
        "first name": Meaning.FIRST_NAME,
        "last_name": Meaning.LAST_NAME,
        "last name": Meaning.LAST_NAME,
        "tags": Meaning.TAGS,
        "tag": Meaning.TAGS,
        "status": Meaning.STATUS,
        "confirmed_at": Meaning.CONFIRMED_AT,
        "created_at": Meaning.JOINED_AT,
        "unsubscribed_at": Meaning.LEFT_AT,
        "language": Meaning.LANGUAGE,
    },
)
OURS = Service(
    "Lettermill",
    (frozenset({"email", "wants_offers", "suppressed"}),),
    {
        "frequency": Meaning.FREQUENCY,
        "paused_until": Meaning.PAUSED_UNTIL,
        "wants_offers": Meaning.WANTS_OFFERS,
        "confirmed_ip": Meaning.CONFIRMED_IP,
        "consent_source": Meaning.SOURCE,
        "consent_basis": Meaning.BASIS,
        "suppressed": Meaning.SUPPRESSED,
    },
)
# Audience > Export: one file each of subscribed, unsubscribed, nonsubscribed and cleaned contacts.
# https://mailchimp.com/help/view-export-contacts/; the header is the same in many public files.
_MAILCHIMP = Service(
    "Mailchimp",
    (frozenset({"member_rating"}), frozenset({"leid", "euid"})),
    {
        "email address": Meaning.ADDRESS,
        "optin_time": Meaning.JOINED_AT,
        "optin_ip": Meaning.JOINED_IP,
        "confirm_time": Meaning.CONFIRMED_AT,
        "confirm_ip": Meaning.CONFIRMED_IP,
        "unsub_time": Meaning.LEFT_AT,
        "unsub_reason": Meaning.LEFT_WHY,
        "clean_time": Meaning.BOUNCED_AT,
    },
)
# Ghost's own tests fix the header: id,email,name,note,subscribed_to_emails,complimentary_plan,
# stripe_customer_id,created_at,deleted_at,labels,tiers.
_GHOST = Service(
    "Ghost",
    (frozenset({"email", "subscribed_to_emails"}),),
    {
        "subscribed_to_emails": Meaning.SUBSCRIBED,
        "deleted_at": Meaning.LEFT_AT,
        "labels": Meaning.TAGS,
    },
)
# The email_list file of an export: email,active_subscription,expiry,plan,email_disabled,created_at,
# first_payment_at. Whether people pay (active_subscription) says nothing of letters.
_SUBSTACK = Service(
    "Substack",
    (frozenset({"email", "email_disabled"}), frozenset({"email", "active_subscription"})),
    {"email_disabled": Meaning.DISABLED},
)
# The fields of a subscriber in Buttondown's API, which its export writes out.
# https://docs.buttondown.com/api-subscribers-introduction
_BUTTONDOWN = Service(
    "Buttondown",
    tuple(
        frozenset({address, kind, "creation_date"})
        for address in ("email_address", "email")
        for kind in ("type", "subscriber_type")
    ),
    {
        "type": Meaning.STATUS,
        "subscriber_type": Meaning.STATUS,
        "creation_date": Meaning.JOINED_AT,
        "ip_address": Meaning.JOINED_IP,
        "source": Meaning.SOURCE,
        "unsubscription_date": Meaning.LEFT_AT,
        "unsubscription_reason": Meaning.LEFT_WHY,
    },
)
# Kit documents the fields of a subscriber (https://developers.kit.com), not its export's header.
_KIT = Service(
    "Kit",
    tuple(
        frozenset({address, "first_name", state, "created_at"})
        for address in ("email_address", "email")
        for state in ("state", "status")
    ),
    {"state": Meaning.STATUS},
)
# Kajabi documents no header of its export; these are the columns of its Contacts page.
# https://help.kajabi.com/hc/en-us/articles/360052223053
_KAJABI = Service(
    "Kajabi",
    tuple(
        frozenset({"name", "email", column})
        for column in ("email marketing", "marketing status", "subscribed", "products")
    ),
    {
        "email marketing": Meaning.STATUS,
        "marketing status": Meaning.STATUS,
        "subscribed": Meaning.SUBSCRIBED,
        "created at": Meaning.JOINED_AT,
    },
)
SERVICES = (OURS, _MAILCHIMP, _GHOST, _SUBSTACK, _BUTTONDOWN, _KIT, _KAJABI)
