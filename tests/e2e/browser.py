"""Debian's Chromium without a screen: what the page says, what it looks like, and what its console complains of."""
import time

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

LOAD_SECONDS = 20


class Browser:
    """One window. `with Browser() as b: b.open(url)`."""

    def __init__(self, width=1280, height=1000):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        # No sandbox: the tests run as root in a namespace of their own. Nothing but the agent can be reached from there.
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         "--disable-background-networking", "--no-first-run", "--hide-scrollbars",
                         "--force-color-profile=srgb", f"--window-size={width},{height}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(LOAD_SECONDS)
        self.size, self.scripts = (width, height), []
        self.resize(width, height)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def resize(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def scheme(self, dark):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def before_each_page(self, code):
        """Runs it in each page that is opened from now on, before the page's own script."""
        self.scripts.append(self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": code})["identifier"])

    def fresh(self):
        """As it was at first: of what a test did to it nothing is left."""
        self.open("about:blank")
        while self.scripts:
            self.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": self.scripts.pop()})
        self.resize(*self.size)
        self.scheme(False)
        self.complaints()

    def open(self, url):
        self.driver.get(url)

    def script(self, code, *arguments):
        return self.driver.execute_script(code, *arguments)

    def text(self, selector="body"):
        return self.driver.find_element(By.CSS_SELECTOR, selector).text

    def count(self, selector):
        return len(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def until(self, what, condition, seconds=20):
        """Waits until it holds; gives what it gave."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if found := condition():
                    return found
            except StaleElementReferenceException:
                pass  # the page put something new in its place
            assert time.monotonic() < deadline, f"{what}: not within {seconds} s; the page says:\n{self.text()}"
            time.sleep(0.1)

    def until_says(self, words, selector="body", seconds=20):
        self.until(f"'{words}' in {selector}", lambda: words in self.text(selector), seconds)

    def press(self, *keys):
        """To whatever has the focus."""
        for key in keys:
            ActionChains(self.driver).send_keys(getattr(Keys, key, key)).perform()

    def focused(self):
        return self.script("return document.activeElement.id")

    def tab_to(self, identifier, most=60):
        """With the Tab key alone, as somebody without a mouse."""
        for _ in range(most):
            if self.focused() == identifier:
                return
            self.press("TAB")
        raise AssertionError(f"#{identifier} cannot be reached by {most} presses of Tab")

    def screenshot(self, path):
        """The whole page, whatever fits on a screen."""
        width, height = self.script("return [innerWidth, document.documentElement.scrollHeight]")
        self.resize(width, height)
        self.driver.save_screenshot(str(path))

    def complaints(self):
        """What the console has said since the last time: errors of scripts, of the policy, of the network. Not that an agent
        without a journal refuses to tell its history, which the page asks where no newer round has moved anything."""
        said = [f"{line['level']}: {line['message']}" for line in self.driver.get_log("browser")]
        return [line for line in said if not ("/api/v1/history" in line and "409 (Conflict)" in line)]
