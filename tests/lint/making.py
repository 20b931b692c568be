"""A post for these tests, in which there is nothing to find, and a word that is misspelt."""

WRONG, RIGHT = "receive".replace("ei", "ie"), "receive"
"""A word with a mistake, made here so that the spelling of these tests can be checked too, and without it."""

GOOD = """\
+++
date = "2026-02-06T16:00:00+00:00"
title = "This Week in the Garden 2026-02-06"
path = "/blog/2026/02/06/this-week-in-the-garden-2026-02-06"

[taxonomies]
author = ["Ada"]
+++

## Matrix Live: The rake special

{{youtube_player(video_id="abcdefghijk")}}

## Dept of Fruit 🍎

[Ada](https://matrix.to/#/@ada:example.org) says

> The pears are ripe.

<!-- more -->

## Dept of Tools 🛠️

### Rake ([website](https://rake.example.org))

It scratches.

[Ben](https://matrix.to/#/@ben:example.org) announces

> #### News
>
> It has a new handle: <https://rake.example.org/handle>.

[Ben](https://matrix.to/#/@ben:example.org) also says

> ![A rake with a red handle](/blog/img/rake.png)

## That's all I know

See you next week, and stop by [#garden:example.org](https://matrix.to/#/#garden:example.org).
"""


def without(text: str) -> str:
    """Return the good post without a text that stands in it."""
    return replaced(text, "")


def replaced(old: str, new: str) -> str:
    """Return the good post with one text in it replaced by another."""
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def line_of(text: str, post: str = GOOD) -> int:
    """Return the line, from 1, of a text that stands once in a post."""
    assert post.count(text) == 1
    return post[: post.index(text)].count("\n") + 1
