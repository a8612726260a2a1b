"""The builder's criteria as a page shows them: in which order they are offered, their fields, what there is to choose from."""

from rapport.segments.fields.choices import Choices
from rapport.segments.fields.criteria import fields_of
from rapport.segments.fields.offered import ICONS, OFFERED, TITLES
from rapport.segments.fields.shapes import Choice, Field

__all__ = ["ICONS", "OFFERED", "TITLES", "Choice", "Choices", "Field", "fields_of"]
