"""What only a browser can show becomes a link to where it can be seen."""

import pytest

from content.markup.clean import clean_html
from content.markup.embeds import WORDS

POST = "https://blog.example/posts/1"


def clean(html: str, post_link: str = POST) -> str:
    return clean_html(html, base=POST, post_link=post_link)


def link(kind: str, to: str = POST) -> str:
    return f'<p><a href="{to}">{WORDS[kind]}</a></p>'


@pytest.mark.parametrize(
    ("source", "kind", "page"),
    [
        ("https://www.youtube.com/embed/a-B_9?rel=0&amp;t=3", "video", "www.youtube.com/watch?v=a-B_9"),
        ("//www.youtube-nocookie.com/embed/a-B_9", "video", "www.youtube.com/watch?v=a-B_9"),
        ("https://youtu.be/a-B_9?t=3", "video", "www.youtube.com/watch?v=a-B_9"),
        ("https://m.youtube.com/watch?x=1&amp;v=a-B_9", "video", "www.youtube.com/watch?v=a-B_9"),
        ("https://www.youtube.com/shorts/a-B_9", "video", "www.youtube.com/watch?v=a-B_9"),
        ("https://www.youtube.com/embed/videoseries?list=PL1", "video", "www.youtube.com/playlist?list=PL1"),
        ("https://player.vimeo.com/video/76979871", "video", "vimeo.com/76979871"),
        ("https://player.vimeo.com/video/76979871?badge=0&amp;h=8272103f6e", "video", "vimeo.com/76979871/8272103f6e"),
        ("https://vimeo.com/moogaloop.swf?clip_id=76979871&amp;x=y", "video", "vimeo.com/76979871"),
        ("https://www.loom.com/embed/0281766f?sid=1", "video", "www.loom.com/share/0281766f"),
        ("https://embed.ted.com/talks/lang/de/ann_lee", "video", "www.ted.com/talks/lang/de/ann_lee"),
        ("https://www.dailymotion.com/embed/video/x7u5", "video", "www.dailymotion.com/video/x7u5"),
        ("https://open.spotify.com/embed/episode/7makk4oT?si=1", "audio", "open.spotify.com/episode/7makk4oT"),
        ("https://open.spotify.com/embed-podcast/show/7m", "audio", "open.spotify.com/show/7m"),
        ("https://embed.podcasts.apple.com/us/podcast/hips/id1?i=2", "audio", "podcasts.apple.com/us/podcast/hips/id1?i=2"),
        ("https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/ann/hips&amp;color=1", "audio", "soundcloud.com/ann/hips"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "tag", ["<iframe src='{}'></iframe>", "<embed src='{}'>", "<iframe data-src='{}' />"]
)
def test_a_player_becomes_a_link_to_its_public_page(tag, source, kind, page):
    assert clean(tag.format(source)) == link(kind, f"https://{page}")


@pytest.mark.parametrize(
    ("embedded", "kind"),
    [
        ('<iframe src="https://fast.wistia.net/embed/iframe/abc"></iframe>', "video"),
        ('<div class="wistia_embed wistia_async_abc" style="height:100%">&nbsp;</div>', "video"),
        ('<wistia-player media-id="abc"></wistia-player>', "video"),
        ('<script src="https://fast.wistia.com/embed/medias/abc.jsonp" async></script>', "video"),
        ('<video src="/a.mp4" controls>No video here</video>', "video"),
        ('<video><source src="/a.mp4"></video>', "video"),
        ('<audio src="/a.mp3">No audio here</audio>', "audio"),
        ('<iframe src="https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/1" height="20"></iframe>', "audio"),
        ('<iframe src="https://blog.bandcamp.com/EmbeddedPlayer/album=1"></iframe>', "audio"),
        ('<script src="https://www.example-physio.com/forms/2147483000/embed.js"></script>', "form"),
        ('<script src="https://x.ck.page/abc/index.js"></script>', "form"),
        ('<iframe src="https://docs.google.com/forms/d/e/abc/viewform"></iframe>', "form"),
        ('<form action="https://x.list-manage.com/subscribe"><label>Mail</label><input name=e><button>Go</button></form>', "form"),
        ("<form><p><input></p><textarea>x</textarea><select><option>y</select></form>", "form"),
        ('<iframe src="https://maps.example/?q=here"></iframe>', "other"),
        ('<object data="/paper.pdf"><p>No PDF here</p></object>', "other"),
    ],
)  # fmt: skip
def test_what_has_no_page_of_its_own_is_seen_on_the_blog(embedded, kind):
    assert clean(embedded) == link(kind)
    assert clean(f"<p>{embedded}</p>") == link(kind)
    assert clean(f"<div><div>{embedded}</div></div>") == link(kind)


@pytest.mark.parametrize(
    "nothing",
    [
        '<script src="https://fast.wistia.com/assets/external/E-v1.js" async></script>',
        '<script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>',
        "<script>document.write('<p>x</p>')</script>",
        '<script src="https://cdn.toolkit.com/x.js"></script>',
        '<iframe src="https://www.googletagmanager.com/ns.html?id=1" height="0" width="0"></iframe>',
        '<iframe src="https://x.example/" style="display:none"></iframe>',
        '<iframe src="javascript:x"></iframe><iframe></iframe><object></object>',
        "<noscript></noscript><template><p>x</p></template><canvas>x</canvas>",
        '<form><input type="hidden" name="x"></form><input name="x">',
    ],
)
def test_what_nobody_is_to_see_leaves_no_trace(nothing):
    assert clean(f"<p>One</p>{nothing}<p>two</p>") == "<p>One</p>\n<p>two</p>"
    assert clean(nothing) == ""


def test_the_script_and_the_box_of_one_video_are_one_link():
    script = '<script src="https://fast.wistia.com/embed/medias/abc.jsonp" async></script>'
    rest = '<script src="https://fast.wistia.com/assets/external/E-v1.js" async></script>'
    box = '<div class="wistia_responsive_padding"><div class="wistia_embed wistia_async_abc">&nbsp;</div></div>'
    assert clean(f"<p>{script}</p>{rest}{box}") == link("video")
    assert clean(f"{box}<p>Words</p>{box}") == f"{link('video')}\n<p>Words</p>\n{link('video')}"


def test_a_form_keeps_its_words_and_is_linked_to_once():
    form = "<form><h3>Join us</h3><label>Mail</label><input><p>Monthly.</p><input><button>Go</form>"
    assert clean(form) == f"<h3>Join us</h3>\n{link('form')}\n<p>Monthly.</p>"


def test_a_video_in_a_link_leads_where_the_link_does():
    linked = '<a href="/a"><iframe src="https://youtu.be/a-B_9"></iframe></a>'
    assert clean(linked) == link("video", "https://blog.example/a")


def test_the_picture_of_a_video_leads_to_it():
    assert clean('<video poster="/p.jpg" width="640" height="360" src="/a.mp4"></video>') == (
        f'<p><a href="{POST}"><img src="https://blog.example/p.jpg" alt="Watch the video" '
        'width="536" height="302" /></a></p>'
    )


def test_an_old_player_says_in_a_parameter_what_it_plays():
    player = '<object><param name="movie" value="https://www.youtube.com/v/a-B_9"></param><embed src="x"></object>'
    assert clean(player) == link("video", "https://www.youtube.com/watch?v=a-B_9")
    light = '<lite-youtube videoid="a-B_9"></lite-youtube>'
    assert clean(light) == link("video", "https://www.youtube.com/watch?v=a-B_9")


def test_an_embed_among_words_has_a_line_of_its_own():
    player = '<iframe src="https://youtu.be/a-B_9"></iframe>'
    found = clean(f"<p>See {player} now</p>")
    address = "https://www.youtube.com/watch?v=a-B_9"
    assert found == f'<p>See <br /><a href="{address}">Watch the video</a><br />now</p>'


def test_without_a_link_to_the_post_there_is_nothing_to_link_to():
    assert clean('<video src="/a.mp4"></video><form><input></form>', post_link="") == ""


def test_a_quoted_post_of_another_site_stays_as_its_words_and_link():
    tweet = (
        '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Hips!</p>— Ann '
        '<a href="https://twitter.com/ann/status/1?ref_src=x">May 5</a></blockquote>'
        '<script async src="https://platform.twitter.com/widgets.js"></script>'
    )
    assert clean(tweet) == (
        '<blockquote><p lang="en" dir="ltr">Hips!</p>\n<p>— Ann '
        '<a href="https://twitter.com/ann/status/1?ref_src=x">May 5</a></p></blockquote>'
    )
