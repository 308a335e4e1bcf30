"""What letters of no edition say: the words of a confirmation, a welcome and the like."""

from content.letter import Letter
from content.note import KINDS, Action, Kind, Note, render_note
from flows.resources import Resources


def kind_of(name: str) -> Kind | None:
    """The kind of note with this name, if there is one."""
    return next((kind for kind in KINDS if kind == name), None)


def render_sample(resources: Resources, kind: Kind) -> Letter:
    """A letter of this kind as it would be, with made-up news in it.

    Raises:
        TemplateBroken: its template is not right.
    """
    page = resources.settings.page
    about = resources.about() | {
        "confirm_url": page("confirm/"),
        "edition_url": page("archive/"),
        "edition_title": "our last letter",
    }
    return render_note(kind, words_of(resources, kind), resources.templates, about=about)


def words_of(resources: Resources, kind: Kind, language: str = "") -> Note:
    """The words of a note in a language, '' for our own; those of a notice are an example."""
    settings = resources.settings
    say = resources.catalogues.words(language or settings.language).gettext
    name = settings.name
    if kind == "confirm":
        return Note(title=say("Confirm your place at %s") % name, preheader=say("Was it you?"))
    if kind == "welcome":
        return Note(title=say("Welcome to %s") % name, preheader=say("You are on the list"))
    if kind == "links":
        return Note(title=say("Your links at %s") % name, preheader=say("Yours alone"))
    look = Action("Look at it", settings.page("archive/"))
    return Note(
        title="A draft waits for your yes",
        preheader="Nothing is sent before you say so",
        paragraphs=("The digest is ready. Nothing is sent before you say so.",),
        actions=(look, look) if kind == "draft" else (look,),
        posts=(look,) if kind == "draft" else (),
    )
