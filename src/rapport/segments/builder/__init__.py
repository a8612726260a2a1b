"""The builder: a definition while somebody is still writing it.

`draft` is the unfinished tree with what was typed, `kinds` says which fields each criterion has and turns them into nodes,
`moves` changes the tree, `form` reads a request. Pure but for `form`; nothing is kept on the server between requests.
"""
