"""Letters of every kind, and the hard ones among them, for golden files, browser and pictures."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from content.edition import Edition
from content.letter import Letter, fill, render_letter, render_letters
from content.markup.clean import clean_html
from content.markup.pictures import Picture
from content.note import Action, Note, enclose, render_note
from content.program import CallToAction, Program
from content.teaser import Teaser
from content.templates import open_templates
from tests.content.paper import ABOUT, OURS, READER

TEMPLATES = open_templates(OURS)
SITE = "https://tide.example/"

KNEES = Teaser(
    title="Knees & stairs: why “down” is harder",
    link="https://tide.example/blog/knees-and-stairs?from=letter&month=11",
    excerpt="Going down asks more of you than going up. Hold the rail, and take your time.",
    day="November 24",
    picture=Picture("https://tide.example/media/stairs.jpg"),
)
PILLOW = Teaser(
    title="A pillow is only a pillow",
    link="https://tide.example/blog/pillow",
    excerpt="Height matters less than you think, and the price matters not at all: what you want "
    "is a neck that can still turn in the morning, and here is how to find out in three nights…",
    day="November 2",
)
UNTITLED = Teaser(
    title="腰の痛みは朝がいちばん強い", link="https://tide.example/3", excerpt="", day="May 1, 2025"
)
KNEE_SCHOOL = CallToAction(
    Program(
        name="Knee school",
        url="https://tide.example/knee-school",
        headline="Six weeks to stairs you don't think about",
        pitch="Two short sessions a week, at home, with a step and a chair.",
        button="See the six weeks",
    ),
    "its topics fit these posts best (knee in 1 of 3 posts)",
)
NOVEMBER = Edition(
    key="digest-2026-11",
    title="Tide & Tendon: Knees & stairs: why “down” is harder",
    preheader="Also: A pillow is only a pillow · 腰の痛みは朝がいちばん強い",
    teasers=(KNEES, PILLOW, UNTITLED),
    call_to_action=KNEE_SCHOOL,
)

BODY = """<p>On Saturday we open the new room by the harbour. Come and look: the kettle is on
from ten, and <a href="/rooms">the rooms</a> are warm.</p>
<h1>What there is to see</h1>
<ul><li>Four <b>treadmills</b> that nobody makes you run on</li><li>Stairs, for knees</li></ul>
<h3>How to get there</h3>
<blockquote><p>Tram 4 to Fish Market, then follow the gulls.</p></blockquote>
<p><img src="/media/map.png" alt="A map: from the tram stop along the quay"></p>
<table><tr><th>Day</th><th>Open</th></tr><tr><td>Saturday</td><td>10 to 18</td></tr></table>
<pre>Quay 1, third door, blue</pre>"""
ARABIC = (
    "<p>المشي عشر دقائق كل صباح يكفي لتبدأ. لا تستعجل، وخذ نفسا عميقا قبل الدرج.</p>"
    "<h2>ثلاثة تمارين</h2><ul><li>قف على ساق واحدة</li><li>ارفع الكعبين</li></ul>"
    "<blockquote><p>الصبر نصف العلاج.</p></blockquote>"
)
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


def cleaned(html: str) -> str:
    return clean_html(html, base=SITE, post_link=SITE)


OPEN_DAY = Edition(
    key="campaign-open-day",
    title="The new room opens on Saturday",
    preheader="Come and look: the kettle is on from ten",
    body=cleaned(BODY),
    text=f"On Saturday we open the new room. The rooms are warm:\n{SITE}rooms",
    call_to_action=KNEE_SCHOOL,
)


def about(**changes: Any) -> Mapping[str, Any]:
    """What templates are told of the newsletter; theme and newsletter may be changed in part."""
    parts = {
        name: {**ABOUT[name], **changes.pop(name, {})} for name in ("newsletter", "theme", "sender")
    }
    return {**ABOUT, **parts, **changes}


def digest(*teasers: Teaser, **changes: Any) -> Letter:
    shown = teasers or NOVEMBER.teasers
    return render_letter(replace(NOVEMBER, teasers=shown), TEMPLATES, about=about(**changes))


def bare_digest() -> Letter:
    one = replace(NOVEMBER, teasers=(PILLOW,), call_to_action=None)
    return render_letter(one, TEMPLATES, about=about(browser_url="", preferences_url=""))


def campaign(edition: Edition = OPEN_DAY, **changes: Any) -> Letter:
    return render_letter(edition, TEMPLATES, about=about(**changes))


def public(edition: Edition) -> Letter:
    """The copy for everybody; it has no text part."""
    html = render_letters(edition, TEMPLATES, about=about()).public
    return Letter(edition.title, (html,), ("",))


def html_of(letter: Letter) -> str:
    return fill(letter.html, VALUES)


def text_of(letter: Letter) -> str:
    return fill(letter.text, VALUES)


def welcome(**changes: Any) -> Letter:
    last = {"edition_url": f"{SITE}archive/11", "edition_title": "Knees & stairs"}
    words = Note(title="Welcome to Tide & Tendon", preheader="You are on the list")
    return render_note("welcome", words, TEMPLATES, about=about(**last | changes))


def confirm() -> Letter:
    words = Note(title="One click, and you are in", preheader="Was it you who signed up?")
    asked = about(confirm_url="https://news.tide.example/confirm/")
    return render_note("confirm", words, TEMPLATES, about=asked)


def links() -> Letter:
    words = Note(title="Your links at Tide & Tendon", preheader="Yours alone")
    return render_note("links", words, TEMPLATES, about=about())


def notice() -> Letter:
    words = Note(
        title="The digest of November waits for your yes",
        preheader="Four posts, 46 readers",
        paragraphs=("Four posts are in it; one is held.", "Nothing is sent before you say so."),
        actions=(Action("Look at it", f"{SITE}look"), Action("Send it", f"{SITE}yes")),
    )
    return render_note("notice", words, TEMPLATES, about=about())


def draft(subject: str = "A stair a day") -> Letter:
    link = f"{SITE}decide/token"
    words = Note(
        title=f"To approve: {subject}",
        preheader="digest-2026-11, for 46 readers",
        paragraphs=("digest-2026-11 is ready for 46 readers.", "It goes out when you say yes."),
        actions=(
            Action("Approve and send it", f"{link}/approve"),
            Action("Hold it", f"{link}/hold"),
            Action("Another program", f"{link}/program"),
        ),
        posts=(Action(subject, f"{link}/drop-1"), Action("Pillows", f"{link}/drop-2")),
    )
    made = render_note("draft", words, TEMPLATES, about=about())
    below = digest()
    return enclose(made, below.subject, fill(below.html, READER), fill(below.text, READER))


def whole(html: str, **facts: Any) -> Teaser:
    body = cleaned(html)
    return replace(KNEES, body=body, text="All of it.", picture=None, **facts)


def arabic_digest() -> Letter:
    words = {"language": "ar", "direction": "rtl"}
    titled = {"title": "عشر دقائق كل صباح", **words}
    short = replace(PILLOW, excerpt="المشي عشر دقائق كل صباح يكفي لتبدأ، ثم خذ نفسا.", **titled)
    return digest(whole(ARABIC, **titled), short, PILLOW, newsletter=words)


def chinese_digest() -> Letter:
    words = "髋关节前方的疼痛通常在久坐之后出现。先放松、再慢慢加强、每天十分钟就够了。"
    post = replace(KNEES, title="髋关节为什么会痛", excerpt=words * 3, language="zh")
    return digest(post, replace(post, picture=None), UNTITLED)


def endless_digest() -> Letter:
    words = {"title": "knee" * 1250, "link": f"{SITE}{'way/' * 100}"}
    post = replace(KNEES, excerpt=f"{SITE}{'x' * 400} {LONG}", **words)
    cells = f'<td>{LONG}</td><td><img src="/wide.png" alt="Wide" width="500" /></td>'
    rows = f"<tr>{cells * 2}</tr>"
    page = f"<h2>{LONG}</h2><table>{rows}</table><pre>{LONG * 5}</pre><p>{LONG * 3}</p>{BODY}"
    return digest(post, whole(page), replace(PILLOW, title=LONG * 2))


def long_digest() -> Letter:
    seen = replace(KNEES, picture=Picture(f"{SITE}media/knee.jpg", "A knee", 300, 200))
    return digest(*[seen, PILLOW] * 4)


VALUES = READER | {"confirm": "the-token"}
KINDS: Mapping[str, Callable[[], Letter]] = {
    "digest": digest,
    "campaign": campaign,
    "welcome": welcome,
    "confirm": confirm,
    "links": links,
    "notice": notice,
    "draft": draft,
}
HARD: Mapping[str, Callable[[], Letter]] = {
    "bare digest": bare_digest,
    "public digest": lambda: public(NOVEMBER),
    "public campaign": lambda: public(OPEN_DAY),
    "digest with a logo": lambda: digest(theme={"logo": f"{SITE}logo.png"}),
    "digest of whole posts": lambda: digest(whole(BODY), whole(BODY)),
    "digest of eight posts": long_digest,
    "arabic digest": arabic_digest,
    "chinese digest": chinese_digest,
    "digest with endless words": endless_digest,
    "draft with endless words": lambda: draft(LONG * 2),
}
