"""The window that all browser tests of a run share.

A new context and window for each test would cost Chromium as much again as the test itself: a profile, a process, and all
scripts compiled anew. So there is one, and each test gives it back as it found it: nothing on it, no cookie, nothing stored,
no permission, no route, no other window. What can't be taken back (an installed clock, an init script) needs a context of its own.
"""

from playwright.sync_api import BrowserContext, Page


class Window:
    """`window.page` is the page of the test at hand."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()

    def give_back(self, house: str) -> None:
        """Leave the pages of `house`, and whatever they kept in the browser."""
        for other in self.context.pages:
            if other is not self.page:
                other.close()
        if self.page.is_closed():
            self.page = self.context.new_page()
        self.page.evaluate("() => { try { sessionStorage.clear() } catch {} }")  # a page without an origin has none
        self.context.unroute_all()
        self.page.unroute_all()
        self.page.goto("about:blank")
        devtools = self.context.new_cdp_session(self.page)
        devtools.send("Storage.clearDataForOrigin", {"origin": house, "storageTypes": "all"})
        devtools.detach()
        self.context.clear_cookies()
        self.context.clear_permissions()
