"""Response headers that Django and the policy library don't write."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# What a page of ours may ask the browser for: passkeys, and nothing else.
PERMISSIONS_POLICY = ", ".join(
    [
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
                "gyroscope", "magnetometer", "microphone", "midi", "payment", "screen-wake-lock", "usb", "xr-spatial-tracking",
            )
        ),
    ]
)  # fmt: skip


class Headers:
    """Permissions policy everywhere; pages of signed-in people are kept by no cache, neither the browser's nor a proxy's."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.headers["Cache-Control"] = "no-store"
            response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
