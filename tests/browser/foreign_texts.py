"""A page that shows texts as everything that takes Markdown; a test sees that each is read as it is. Not a test."""

import streamlit as st

from workbench.ui.session import escaped

TEXTS = (
    "![x](http://foreign.example/a.png)", "![x][a]", "<img src=http://foreign.example/b.png>",
    "<b>bold</b> &amp; &copy;", "[a](javascript:alert(1))", "[a](http://foreign.example)", "http://foreign.example/c",
    "see www.foreign.example now", "<http://foreign.example/d>", "ann@foreign.example", "mailto:ann@foreign.example",
    "a -> b", "->", "<-", "a <-> b", "--", "a -- b", ">= 3 <= 4 ~= 5", ":smile:", ":smile: :+1:", ":material/delete:",
    ":material_delete:", ":streamlit:", "$x^2$", "$$x$$", "5 $ and 6 $", "\\(x\\)", ":red[a]", ":red-background[a]",
    ":blue-badge[a]", ":help[a]", ":color[a]", ":color[]", ":small[a]", "**bold** _it_ ~~gone~~ `code` ``", "# 1",
    "- 1", "+ 1", "* 1", "> 1", "1. one", "12) one", "| a | b |", "a\\b\\", "[^1]", "[ ] todo", "~~~", "```", "---",
    "===", "&#33;[x](a)", "{a}", "a:b:c", "14:05:30", "-0:03:25", "1,234.50", "https://foreign.example/?a=1&b=2#c",
    "WWW.FOREIGN.EXAMPLE", "_a_b_", "**", "a*b*c", "\"'", "::smile::", "a@b@c.de", "ftp://foreign.example",
    "xmpp:a@b.de", "-->", "<--", "<!-- a -->", "<=>", "=>", "...", "(c)",
)  # fmt: skip


def shown(number: int, text: str) -> None:
    """Draw one text as everything."""
    st.markdown(text)
    st.markdown(f"**{text}**")
    st.markdown(f":gray[{text}]")
    st.caption(text)
    st.error(text)
    st.metric(text, text, text, help=text)
    st.button(text, key=f"button{number}")
    st.pills(text, [text], key=f"pills{number}")
    st.tabs([text])
    st.expander(text)
    st.table({text: [text]}, hide_index=True)


if __name__ == "__main__":
    for number, text in enumerate(TEXTS):
        with st.container(key=f"text{number}"):
            shown(number, escaped(text))
