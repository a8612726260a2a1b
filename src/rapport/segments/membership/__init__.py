"""Who is in a segment, since when and why.

    a version of the warehouse is published, or the day changes -> `full.refresh_due`: the whole set against the open stays
    something is written about a person -> `live.Follower.turn`: the people touched, asked again within the second

Both write through `stays.apply`; both obey the same rule: the warehouse speaks for everybody whose rows have not changed
since its watermark, the record for everybody else. So the two never undo each other.
"""
