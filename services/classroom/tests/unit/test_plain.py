"""Markdown as one line of plain text."""

import pytest

from classroom.notifications.plain import plain


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Just words", "Just words"),
        ("# Trip\n\nBring **food**, _water_ and `code`", "Trip – Bring food, water and code"),
        ("- one\n- two\n  1. three", "one – two – three"),
        ("See [the form](https://elm.example/form?a=1&b=2) ![a map](m.png)", "See the form a map"),
        ("two\nlines\\\nthree", "two lines three"),
        ("> quoted\n\n```py\nx  =\n  1\n```", "quoted – x = 1"),
        ("<b>no markup</b> &amp; \\*stars\\*", "<b>no markup</b> & *stars*"),
        ("Solve $a*b*c = 2$ and $$x_1 \\cdot x_2$$", "Solve $a*b*c = 2$ and $$x_1 \\cdot x_2$$"),
        ("it costs 5$", "it costs 5$"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a – b – 1 – 2"),
        ("~~old~~ new", "old new"),
        (" \n", ""),
    ],
)
def test_only_the_words_stay(markdown: str, text: str) -> None:
    assert plain(markdown) == text


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("one two three", "one two three"),
        ("one two three four", "one two three…"),
        ("one two, three four", "one two…"),
        ("one **two** three fourteen", "one two three…"),
        ("a" * 30, "a" * 13 + "…"),
        ("see https://elm.example/a/long/way", "see https://e…"),
    ],
)
def test_it_is_cut_after_a_word(markdown: str, text: str) -> None:
    assert plain(markdown, 14) == text
