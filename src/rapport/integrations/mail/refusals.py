"""Why a report is not believed."""


class NotGenuine(ValueError):
    """The request is not the provider's, or it was changed on its way."""


class Stale(NotGenuine):
    """It was signed too long ago, or in the future."""


class Replayed(NotGenuine):
    """Its name was used before, with other words."""
