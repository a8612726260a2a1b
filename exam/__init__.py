"""Examinations: the program under faults that no laboratory test makes, with a judge outside of it.

make exam-send ARGS="--recipients 100000 --kills 100 --seeds 3 --json"
"""
