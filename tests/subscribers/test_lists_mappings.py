"""An export of each service comes in as it is: who may be written to, and what proves it."""

import io

import pytest

from subscribers.lists.importing import import_list
from subscribers.lists.mappings import Meaning, Said, Understood, understand
from tests.fakes import NOON
from tests.subscribers.lists import AT_NOON, dump, people

MAILCHIMP = (
    "Email Address,First Name,Last Name,Address,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,"
    "CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,"
)
MAILCHIMP_END = "LAST_CHANGED,LEID,EUID,NOTES,TAGS"
ADA = "ada@example.com,Ada,Lovelace,1 Harbor St,2,2024-03-14 09:12:31,192.0.2.1,"
ADA_CONFIRMED = f"{ADA}2024-03-14 09:14:00,192.0.2.2,,,,,,,,"
END = '2024-03-14 09:14:00,1,e1,,"""VIP"",""Hip Rehab"""'
EXPORTS = {
    "subscribed_email_audience_export_1.csv": (
        "Mailchimp",
        [f"{MAILCHIMP}{MAILCHIMP_END}", f"{ADA_CONFIRMED}{END}"],
        [("ada@example.com", "Ada Lovelace", "may send")],
    ),
    "nonsubscribed_email_audience_export_1.csv": (
        "Mailchimp",
        [f"{MAILCHIMP}{MAILCHIMP_END}", f"{ADA_CONFIRMED}{END}"],
        [("ada@example.com", "Ada Lovelace", "unconfirmed")],
    ),
    "unsubscribed_email_audience_export_1.csv": (
        "Mailchimp",
        [
            f"{MAILCHIMP}UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,"
            f"UNSUB_REASON_OTHER,{MAILCHIMP_END}",
            f"{ADA_CONFIRMED}2025-01-02 03:04:05,Spring,7,NORMAL,,{END}",
        ],
        [("ada@example.com", "Ada Lovelace", "suppressed")],
    ),
    "cleaned_email_audience_export_1.csv": (
        "Mailchimp",
        [
            f"{MAILCHIMP}CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,{MAILCHIMP_END}",
            f"{ADA_CONFIRMED}2025-01-02 03:04:05,Spring,7,{END}",
        ],
        [("ada@example.com", "Ada Lovelace", "suppressed")],
    ),
    "members.csv": (
        "Ghost",
        [
            "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,"
            "created_at,deleted_at,labels,tiers",
            "m1,ada@example.com,Ada,,true,false,,2024-01-15T10:00:00.000Z,,runner,Free",
            "m2,bo@example.com,Bo,,false,false,,2024-01-15T10:00:00.000Z,,,Free",
        ],
        [("ada@example.com", "Ada", "may send"), ("bo@example.com", "Bo", "suppressed")],
    ),
    "email_list.stride.csv": (
        "Substack",
        [
            "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at",
            "ada@example.com,false,,other,false,2025-01-01T00:00:00.000Z,",
            "bo@example.com,true,2026-12-01T00:00:00.000Z,monthly,true,2025-01-01T00:00:00.000Z,",
        ],
        [("ada@example.com", "", "may send"), ("bo@example.com", "", "suppressed")],
    ),
    "subscribers.csv": (
        "Buttondown",
        [
            "id,creation_date,email_address,notes,tags,type,source,ip_address,"
            "unsubscription_date,unsubscription_reason",
            'a,2024-01-15T10:00:00Z,ada@example.com,,"[""runner""]",regular,form,192.0.2.1,,',
            "b,2024-01-15T10:00:00Z,bo@example.com,,,unactivated,form,,,",
            "c,2024-01-15T10:00:00Z,cy@example.com,,,undeliverable,form,,,",
            "d,2024-01-15T10:00:00Z,di@example.com,,,complained,form,,,",
            "e,2024-01-15T10:00:00Z,ed@example.com,,,unsubscribed,form,,2025-01-02,too many",
        ],
        [
            ("ada@example.com", "", "may send"),
            ("bo@example.com", "", "unconfirmed"),
            ("cy@example.com", "", "suppressed"),
            ("di@example.com", "", "suppressed"),
            ("ed@example.com", "", "suppressed"),
        ],
    ),
    "kit.csv": (
        "Kit",
        [
            "id,first_name,email_address,state,created_at,tags",
            '1,Ada,ada@example.com,active,2023-01-27T11:43:55Z,"VIP, runner"',
            "2,Bo,bo@example.com,cancelled,2023-01-27T11:43:55Z,",
            "3,Cy,cy@example.com,bounced,2023-01-27T11:43:55Z,",
            "4,Di,di@example.com,inactive,2023-01-27T11:43:55Z,",
        ],
        [
            ("ada@example.com", "Ada", "may send"),
            ("bo@example.com", "Bo", "suppressed"),
            ("cy@example.com", "Cy", "suppressed"),
            ("di@example.com", "Di", "unconfirmed"),
        ],
    ),
    "contacts.csv": (
        "Kajabi",
        [
            "Name,Email,Products,Tags,Subscribed,Created At",
            "Ada Lovelace,ada@example.com,Hip Rehab,runner,Yes,2024-01-15",
            "Bo,bo@example.com,,,No,2024-01-15",
        ],
        [("ada@example.com", "Ada Lovelace", "may send"), ("bo@example.com", "Bo", "suppressed")],
    ),
}


def bring(db, name: str, lines: list[str]) -> Understood:
    heard: list[Understood] = []
    file = io.BytesIO("\r\n".join(lines).encode())
    report = import_list(db, file, name, now=NOON, tell=heard.append)
    assert (report.refused, report.written) == ((), True)
    assert report.counts.total() == len(lines) - 1
    return heard[0]


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_known_by_its_header_and_comes_in_as_it_is(db, name):
    service, lines, expected = EXPORTS[name]
    assert bring(db, name, lines).service == service
    assert people(db) == expected


@pytest.mark.parametrize("name", EXPORTS)
def test_the_same_export_again_changes_nothing(db, name):
    _, lines, _ = EXPORTS[name]
    bring(db, name, lines)
    once = dump(db)
    bring(db, name, lines)
    assert dump(db) == once


def test_every_column_is_told_with_its_meaning_or_as_left_alone():
    understood = understand(["E-Mail", " First Name ", "Last Name", "Shoe size", "TAGS"])
    assert understood.service == "plain CSV"
    assert understood.columns == {
        "E-Mail": Meaning.ADDRESS,
        "First Name": Meaning.FIRST_NAME,
        "Last Name": Meaning.LAST_NAME,
        "TAGS": Meaning.TAGS,
    }
    assert understood.left_alone == ("Shoe size",)


def test_a_postal_address_is_not_taken_for_an_address():
    understood = understand(["Address", "Email Address"])
    assert understood.columns == {"Email Address": Meaning.ADDRESS}
    assert understood.left_alone == ("Address",)


def test_the_cells_of_a_row_stand_in_the_order_of_their_meanings():
    assert Said._fields == tuple(meaning.name.lower() for meaning in Meaning)


def evidence(db) -> list[tuple[str, str, str, str, str]]:
    rows = db["consents"].rows_where(order_by="id")
    return [(r["action"], r["at"], r["basis"], r["ip"], r["evidence"]) for r in rows]


def test_what_a_file_knows_of_a_consent_is_kept(db):
    name = "unsubscribed_email_audience_export_1.csv"
    bring(db, name, EXPORTS[name][1])
    said = (
        "joined 2024-03-14 09:12:31; joined from 192.0.2.1; left 2025-01-02 03:04:05; "
        "because NORMAL"
    )
    assert evidence(db) == [
        ("imported", AT_NOON, "express", "192.0.2.2", said),
        ("withdrawn", "2025-01-02T03:04:05+00:00", "express", "192.0.2.2", said),
    ]


def test_where_a_file_says_nothing_of_a_consent_that_is_what_is_kept(db):
    bring(db, "readers.csv", ["email", "ada@example.com"])
    assert evidence(db) == [
        ("imported", AT_NOON, "implied", "", "only the file says so"),
        ("confirmed", AT_NOON, "implied", "", "only the file says so"),
    ]


@pytest.mark.parametrize(
    ("word", "reasons"),
    [
        ("unsubscribed", ["unsubscribed"]),
        ("cleaned", ["bounced"]),
        ("undeliverable", ["bounced"]),
        ("complained", ["complained"]),
        ("blocked", ["blocked"]),
        ("pending", []),
    ],
)
def test_an_address_is_barred_for_the_reason_the_file_gives(db, word, reasons):
    bring(db, "readers.csv", ["email,status", f"ada@example.com,{word}"])
    assert [row["reason"] for row in db["suppressions"].rows] == reasons


def test_who_left_because_it_was_spam_to_them_has_complained(db):
    bring(db, "list.csv", ["email,leid,euid,unsub_time,unsub_reason", "a@b.example,1,2,2025,SPAM"])
    assert [row["reason"] for row in db["suppressions"].rows] == ["complained"]


def test_that_an_address_bounced_confirms_nobody(db):
    bring(db, "readers.csv", ["email,status", "ada@example.com,pending"])
    bring(db, "readers.csv", ["email,status", "ada@example.com,bounced"])
    assert [row["status"] for row in db["subscribers"].rows] == ["pending"]
    assert people(db) == [("ada@example.com", "", "suppressed")]


def test_an_address_is_barred_since_somebody_left_but_not_since_they_joined(db):
    header = "email,status,confirmed_at,unsubscribed_at"
    left = "a@b.example,unsubscribed,2024-01-01,2025-01-01"
    bring(db, "readers.csv", [header, left, "c@b.example,bounced,2024-01-01,"])
    since = {row["reason"]: row["since"] for row in db["suppressions"].rows}
    assert since == {"unsubscribed": "2025-01-01T00:00:00+00:00", "bounced": AT_NOON}
