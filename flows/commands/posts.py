"""The commands about single posts: `lettermill why post` and `lettermill posts`."""

from typing import Annotated

import typer
from rich.markup import escape

from flows.terminal import Json, one_line, out, print_json

why = typer.Typer(help="Why something was mailed, or was not.", no_args_is_help=True)
posts = typer.Typer(help="Posts that are held: see them, let them go on.", no_args_is_help=True)
Link = Annotated[str, typer.Argument(metavar="URL", help="The post's address on the blog.")]


@why.command("post")
def why_post(url: Link, json: Json = False) -> None:
    """Say where a post is, and why it was or was not mailed.

    Example: `lettermill why post https://blog.example/hips`
    """
    with one_line():
        from flows import jobs
        from flows.commands.show import show_posts
        from flows.editions.posts import why_post

        answers = jobs.plainly(why_post, url)
        print_json(answers) if json else show_posts(answers, out)


@posts.command()
def held(json: Json = False) -> None:
    """List the posts that are held, each with its reason.

    Example: `lettermill posts held`
    """
    with one_line():
        from flows import jobs
        from flows.commands.show import show_posts
        from flows.editions.posts import held_posts

        answers = jobs.plainly(held_posts)
        print_json(answers) if json else show_posts(answers, out)


@posts.command()
def release(
    url: Annotated[
        str | None, typer.Argument(metavar="URL", help="The post's address; else --all.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every post that is held.")] = False,
    json: Json = False,
) -> None:
    """Let a post that is held or excluded be mailed with the next edition.

    Example: `lettermill posts release https://blog.example/hips`
    """
    if (url is None) != all_:
        raise typer.BadParameter("name one post by its address, or say --all")
    with one_line():
        from flows import jobs
        from flows.editions.posts import release_posts

        count = jobs.plainly(release_posts, url)
        print_json({"released": count}) if json else _say(count, "released", url)


@posts.command()
def drop(url: Link, json: Json = False) -> None:
    """Leave a post out of every edition. One that is mailed already stays so.

    Example: `lettermill posts drop https://blog.example/hips`
    """
    with one_line():
        from flows import jobs
        from flows.editions.posts import drop_posts

        count = jobs.plainly(drop_posts, url)
        print_json({"dropped": count}) if json else _say(count, "dropped", url)


def _say(count: int, done: str, url: str | None) -> None:
    from flows.commands.show import say_posts

    why_none = f"; `lettermill why post {url}` says why" if url and not count else ""
    out.print(f"{say_posts(count)} {done}{escape(why_none)}.", soft_wrap=True)
