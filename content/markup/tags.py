"""Which tags of HTML a letter has, and what becomes of the others. Tables, no rules."""

# A letter is 600 px wide with 32 px at each side.
MAX_WIDTH = 536

HEADINGS = frozenset("h2 h3 h4 h5 h6".split())
LISTS = frozenset("ul ol dl".split())
TABLES = frozenset("table thead tbody tfoot tr".split())
CELLS = frozenset("li dt dd td th".split())
# These hold words and nothing that is a block itself.
LEAVES = HEADINGS | {"p", "pre"}
INLINE = frozenset("a b code del em i ins mark s small span strong sub sup u".split())
ALLOWED = HEADINGS | LISTS | TABLES | CELLS | INLINE | {"p", "pre", "blockquote", "div"}
ALLOWED |= {"br", "hr", "img"}

# Tags that say the same in another word.
RENAMED = {
    **dict.fromkeys("cite dfn var".split(), "em"),
    **dict.fromkeys("kbd samp tt".split(), "code"),
    **dict.fromkeys("listing plaintext xmp".split(), "pre"),
    **dict.fromkeys("dir menu".split(), "ul"),
    "h1": "h2",
    "strike": "s",
}
# Blocks that are no more than that: paragraphs, or what paragraphs stand in.
GROUPS = frozenset(
    """address article aside caption center details dialog div fieldset figcaption figure footer
    form header hgroup legend main nav p section summary""".split()
)
BLOCKS = GROUPS | HEADINGS | LISTS | TABLES | CELLS
BLOCKS |= set("blockquote dir h1 hr listing menu plaintext pre xmp".split())
# Where a block may stand, if not anywhere.
INSIDE = {
    "li": {"ul", "ol"},
    "dt": {"dl"},
    "dd": {"dl"},
    "thead": {"table"},
    "tbody": {"table"},
    "tfoot": {"table"},
    "tr": {"table", "thead", "tbody", "tfoot"},
    "td": {"tr"},
    "th": {"tr"},
}

# Neither they nor what is in them is for a reader.
DROPPED = frozenset(
    """annotation annotation-xml applet area base basefont bgsound canvas col colgroup command
    datalist frame link map meta meter noembed noframes optgroup option param progress script
    source style svg template title track""".split()
)
FIELDS = frozenset("button input select textarea".split())

# What nh3 lets through; `a` and `img` get their addresses from us.
ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
