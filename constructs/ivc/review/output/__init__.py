"""A review as a text: for a terminal, a comment in Markdown, a page of HTML, a program (JSON), a diagram (Mermaid).

Each module has one function for that. All of them say the same things in the same order, which `wording` gives, and
each makes what came from outside harmless in the way of its medium.
"""
