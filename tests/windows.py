"""The window that all browser tests of a run share.

A new context and window for each test would cost Chromium as much again as the test itself: a profile, a process, and all
scripts compiled anew. So there is one, and each test gives it back as it found it: nothing on it, no cookie, nothing stored,
no permission, no route, no other window. What can't be taken back (an installed clock, an init script) needs a context of its
own.
"""

from playwright.sync_api import BrowserContext, Page, Route

NOWHERE = "/nowhere-at-all/"
# It says that it has no icon: the browser would ask for one, and get its answer in the middle of the next test.
BLANK = '<!doctype html><title></title><link rel="icon" href="data:,">'
# As our pages say it: a window that goes from one to the other keeps its process, which it would not by way of about:blank.
OPENER = {"Cross-Origin-Opener-Policy": "same-origin"}

# Playwright's own list of what it switches off would be lost, so it stands here again as far as it concerns us; what we add is a
# document of a new process frame for each page, which costs a third of all going from page to page.
SWITCHED_OFF = (
    "RenderDocument", "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
)  # fmt: skip
LAUNCHED = ["--disable-dev-shm-usage", f"--disable-features={','.join(SWITCHED_OFF)}"]


class Window:
    """`window.page` is the page of the test at hand, `house` the origin that it visits."""

    def __init__(self, context: BrowserContext, house: str, headers: dict[str, str]) -> None:
        self.context, self.house, self.headers = context, house, headers
        self.page: Page = context.new_page()

    def give_back(self) -> None:
        """Leave the pages of the house, and whatever they kept in the browser."""
        for other in self.context.pages:
            if other is not self.page:
                other.close()
        if self.page.is_closed():
            self.page = self.context.new_page()
        self.context.unroute_all()
        self.page.unroute_all()
        self.page.route(self.house + NOWHERE, self._nothing)
        self.page.goto(self.house + NOWHERE)
        self.page.unroute_all()
        self.page.evaluate("() => sessionStorage.clear()")
        devtools = self.context.new_cdp_session(self.page)
        devtools.send("Storage.clearDataForOrigin", {"origin": self.house, "storageTypes": "all"})
        devtools.detach()
        self.context.clear_cookies()
        self.context.clear_permissions()

    def _nothing(self, route: Route) -> None:
        route.fulfill(body=BLANK, content_type="text/html", headers=self.headers)
