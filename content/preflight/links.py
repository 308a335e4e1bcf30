"""Ask whether the links and pictures of a letter answer: a few at a time, and not for ever.

Nothing is posted and no cookie kept; of pages only the head is read.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain

from content.preflight.answers import MAX_PICTURE_BYTES, judge_reply, judge_silence, not_asked
from content.preflight.finding import Finding, Proof, in_order
from content.preflight.page import read_page
from content.preflight.targets import Target, check_shapes, find_targets
from content.web.connection import Reply, Web
from content.web.wire import NoAnswer

RUN_SECONDS = 60.0
ASK_SECONDS = 10.0
_WORKERS = 8
_AT_A_HOST = 2
_HEADERS = {"Accept": "text/html,image/*,*/*;q=0.8"}


def check_links(
    proofs: Sequence[Proof], *, web: Web, seconds: float = RUN_SECONDS, private: bool = False
) -> list[Finding]:
    """Ask for every address in these letters once, all within `seconds`; errors first.

    Addresses in private networks are refused unless they may be `private`, as when trying a blog
    on one's own machine.
    """
    pages = [(proof, page) for proof in proofs if (page := read_page(proof.html)) is not None]
    found = [find_targets(page, ours=(proof.exit_url, proof.public_url)) for proof, page in pages]
    targets = list(dict.fromkeys(chain.from_iterable(found)))
    ask = partial(_ask_in_turn, web=web, ends=time.monotonic() + seconds, private=private)
    with ThreadPoolExecutor(_WORKERS) as pool:
        answers = dict(chain.from_iterable(pool.map(ask, _lanes(targets))))
    told = chain.from_iterable(answers[target] for target in targets)
    shapes = chain.from_iterable(check_shapes(page) for _, page in pages)
    return in_order([*shapes, *told])


def _lanes(targets: Sequence[Target]) -> list[list[Target]]:
    """Who is asked one after the other, so that no host is asked for more than two at a time."""
    hosts: dict[str, list[Target]] = defaultdict(list)
    for target in targets:
        hosts[target.host].append(target)
    lanes = [asked[lane::_AT_A_HOST] for asked in hosts.values() for lane in range(_AT_A_HOST)]
    return [lane for lane in lanes if lane]


def _ask_in_turn(
    lane: Sequence[Target], *, web: Web, ends: float, private: bool
) -> list[tuple[Target, list[Finding]]]:
    return [(target, _ask(target, web, ends, private)) for target in lane]


def _ask(target: Target, web: Web, ends: float, private: bool) -> list[Finding]:
    left = ends - time.monotonic()
    if left <= 0:
        return [not_asked(target)]
    ask = partial(web.ask, target.url, headers=_HEADERS, private=private)
    limit = min(left, ASK_SECONDS)
    try:
        reply = ask(seconds=limit, max_bytes=0)
        size = _told_size(reply)
        if target.is_picture and reply.status == 200 and size is None:
            left = max(0.1, min(ends - time.monotonic(), ASK_SECONDS))
            size = len(ask(seconds=left, max_bytes=MAX_PICTURE_BYTES).body)
    except NoAnswer as error:
        return [judge_silence(target, error)]
    return list(judge_reply(target, reply, size))


def _told_size(reply: Reply) -> int | None:
    """The size a server tells beforehand; in a coded answer it is not that of the picture."""
    told = reply.headers.get("content-length", "")
    coded = reply.headers.get("content-encoding", "identity") != "identity"
    return None if coded or not told.isdecimal() or len(told) > 18 else int(told)
