"""A form is read whatever it holds; what is not ours is left alone."""

from hypothesis import given
from hypothesis import strategies as st

from subscribers.joining.form import HONEYPOT, Form, read_form


def test_the_fields_of_our_form_are_read():
    typed = {"email": "ada@example.com", "name": " Ada  L. ", "wording": "ab12", "language": "de"}
    assert read_form(typed | {"utm": "x"}) == Form(
        email="ada@example.com", name="Ada L.", wording="ab12", language="de"
    )


def test_an_empty_form_is_one_with_nothing_in_it():
    assert read_form({}) == Form(email="")


def test_who_fills_the_field_that_nobody_sees_is_a_program():
    assert read_form({"email": "ada@example.com", HONEYPOT: "x"}).by_program
    assert not read_form({"email": "ada@example.com", HONEYPOT: ""}).by_program


@given(st.dictionaries(st.sampled_from(["email", "name", "wording", "language"]), st.text()))
def test_no_name_holds_a_line_or_a_control_and_nothing_is_endless(fields):
    form = read_form({name: text * 100 for name, text in fields.items()})
    assert form.name.isprintable()
    assert max(map(len, (form.email, form.name, form.wording, form.language))) <= 400
