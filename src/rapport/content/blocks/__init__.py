"""A letter as a list of blocks: what a marketer arranges. Pure; the compiled letter stays MJML (`blocks.mjml`).

A kind of block is: a struct in `kinds`, a drawing in `mjml`, a drawing for paper in `content.printing`, a form in `content.block_forms`.
"""
