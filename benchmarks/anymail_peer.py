"""django-anymail beside us, in a virtual environment of its own: merged mailings, no ledger.

Asked with one JSON object on its input, it answers with one: see `benchmarks/peers.py`.
"""

import json
import resource
import sys
import time

import django
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

asked = json.load(sys.stdin)
settings.configure(
    EMAIL_BACKEND=f"anymail.backends.{asked['kind']}.EmailBackend",
    ANYMAIL={
        "SENDGRID_API_KEY": "key",
        "SENDGRID_API_URL": f"{asked['url']}/v3/",
        "MAILGUN_API_KEY": "key",
        "MAILGUN_SENDER_DOMAIN": "mg.example.com",
        "MAILGUN_API_URL": f"{asked['url']}/v3",
        "POSTMARK_SERVER_TOKEN": "token",
        "POSTMARK_API_URL": f"{asked['url']}/",
        "RESEND_API_KEY": "key",
        "RESEND_API_URL": f"{asked['url']}/",
    },
)
django.setup()


def message(numbers, connection):
    """One call: the letter with names for values, and each reader's values."""
    readers = {f"reader{n:07}@example.com": f"Reader Number {n}" for n in numbers}
    made = EmailMultiAlternatives(
        asked["subject"],
        asked["text"],
        "Reconnect Performance <hello@reconnect.example>",
        [f"{name} <{address}>" for address, name in readers.items()],
        connection=connection,
    )
    made.attach_alternative(asked["html"], "text/html")
    if asked["values"]:  # where a provider fills nothing in, every letter is the same
        made.merge_data = dict.fromkeys(readers, asked["values"])
    made.merge_headers = {
        address: {
            "List-Unsubscribe": f"<{asked['exit_url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        for address in readers
    }
    if asked["kind"] == "sendgrid":
        made.esp_extra = {"merge_field_format": "-{}-"}
    return made


def main():
    size, readers = asked["a_call"], asked["readers"]
    began = time.perf_counter()
    connection = get_connection()
    connection.open()
    for first in range(0, readers, size):
        message(range(first, min(first + size, readers)), connection).send()
    connection.close()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak}))


main()
