#!/usr/bin/python3
"""Browser test of the console against a running server.

    /usr/bin/python3 web/test/console_test.py http://127.0.0.1:8080 USER PASSWORD [--shots DIR]

Signs in through the form, walks every route at three widths, works by keyboard, and fails on a console error, on
horizontal overflow, and on any request that leaves the server's origin. Needs chromium, chromium-driver and
python3-selenium from Debian. Ends with "N passed, N failed" and a non-zero status when something failed.
"""

import argparse
import json
import pathlib
import sys
import time
import urllib.parse

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

WIDTHS = [(1440, 900), (390, 844), (320, 640)]
ROUTES = ["/", "/incidents", "/alarms", "/alarms?scope=all", "/sites", "/topology", "/topology?view=map", "/topology?view=table", "/platform", "/platform/dead-letters", "/energy", "/sla", "/jobs", "/settings", "/settings/routes", "/audit", "/more", "/nowhere"]
HEADINGS = "return document.querySelectorAll('h1').length"
# The page itself, and <main>, which scrolls on its own.
OVERFLOW = "return Math.max(...[document.documentElement, document.querySelector('main')].map(e => e.scrollWidth - e.clientWidth))"

# Elements whose own box reaches past the window: named when a page overflows.
WIDEST = """return [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 &&
  !e.closest('.tree-scroll, .tabs, svg, .raw')).slice(0, 3).map(e => e.tagName + '.' + e.className)"""

# Contrast of every visible text against the nearest opaque background, as WCAG counts it.
CONTRAST = r"""
const rgb = c => (c.match(/[\d.]+/g) || []).map(Number);
const lum = c => { const f = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; return .2126 * f(c[0]) + .7152 * f(c[1]) + .0722 * f(c[2]); };
const back = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
const bad = [];
for (const e of document.querySelectorAll('body *')) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || e.closest('svg, .sr, [disabled], .skip, kbd, option') || !e.checkVisibility({ checkOpacity: true })) continue;
  if (e.closest('.operator-chips, .entered')) continue;
  const s = getComputedStyle(e), a = lum(rgb(s.color)), b = lum(back(e)), r = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  if (r < 4.45) bad.push(r.toFixed(2) + ' ' + e.className + ' ' + e.textContent.trim().slice(0, 30));
}
return bad.slice(0, 5);
"""

NAMELESS = """return [...document.querySelectorAll('button, a[href], input, select, textarea, [role=img], [role=link]')]
  .filter(e => e.checkVisibility() && !(e.getAttribute('aria-label') || e.textContent.trim() || e.title || e.labels?.length || e.querySelector('title')))
  .map(e => e.outerHTML.slice(0, 90)).slice(0, 4)"""


class Run:
    def __init__(self, base, shots):
        self.base, self.shots = base.rstrip("/"), shots
        self.passed, self.failed = 0, 0
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1440,900", "--lang=en"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options)
        self.origins, self.errors = set(), []

    def check(self, name, good, detail=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {name}: {detail}", flush=True)

    def size(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700})

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def until(self, text, seconds=10.0):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                value = self.script(text)
            except WebDriverException:
                value = None
            if value:
                return value
            time.sleep(0.05)
        return None

    def open(self, path):
        """Follows the console's own navigation, as a link does: the session and the live feed stay."""
        self.script("history.pushState({}, '', arguments[0]); dispatchEvent(new PopStateEvent('popstate'))", path)
        self.until("return !document.querySelector('main [aria-busy=true] .block') && document.querySelector('main .screen') && 1", 6)
        time.sleep(0.25)

    def press(self, *keys):
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()
            time.sleep(0.12)

    def shot(self, name):
        if self.shots:
            self.driver.save_screenshot(str(self.shots / f"{name}.png"))

    def drain(self):
        for entry in self.driver.get_log("browser"):
            if entry["level"] == "SEVERE":
                self.errors.append(entry["message"][:300])
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            url = message["params"].get("request", {}).get("url") or message["params"].get("url") or ""
            if message["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated") and url.split(":")[0] in ("http", "https", "ws", "wss"):
                self.origins.add(urllib.parse.urlsplit(url).netloc)

    def sign_in(self, user, password):
        self.size(1440, 900)
        self.driver.get(self.base + "/incidents")
        self.check("sign-in form is shown", self.until("return document.querySelector('.sign-in form') && 1"))
        self.driver.find_element(By.NAME, "user").send_keys(user)
        self.driver.find_element(By.NAME, "password").send_keys("wrong-" + password)
        self.driver.find_element(By.NAME, "password").send_keys(Keys.ENTER)
        self.check("a wrong password is refused in words", self.until("return document.querySelector('[role=alert]') && 1"))
        # The refusal is a 401 that the browser logs; it is expected here and only here.
        self.driver.get_log("browser")
        field = self.driver.find_element(By.NAME, "password")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(password, Keys.ENTER)
        self.check("signed in, on the page that was asked for", self.until("return document.querySelector('.triage') && location.pathname === '/incidents'"))
        self.check("the feed is live", self.until("return document.querySelector('.dot.live') && 1"))
        self.check("the token is kept for this tab only", self.script("return !!sessionStorage.getItem('towerco.token') && !Object.keys(localStorage).some(k => k.includes('token'))"))

    def walk(self, sample):
        for width, height in WIDTHS:
            self.size(width, height)
            for path in ROUTES + sample:
                self.open(path)
                over = self.script(OVERFLOW)
                self.check(f"{path} at {width}: no horizontal overflow", over <= 0, f"{over} px, {self.script(WIDEST)}")
                self.check(f"{path} at {width}: one heading of the first level", self.script(HEADINGS) == 1, str(self.script(HEADINGS)))
                nameless = self.script(NAMELESS)
                self.check(f"{path} at {width}: every control has a name", not nameless, str(nameless))
                self.shot(f"{path.strip('/').replace('/', '-').replace('?', '-') or 'fleet'}-{width}")
        self.size(1440, 900)

    def themes(self, sample):
        for theme in ("light", "dark"):
            for path in ["/", "/incidents", "/platform", "/sites", "/topology"] + sample:
                self.script("localStorage.setItem('towerco.theme', arguments[0])", theme)
                self.script("document.documentElement.dataset.theme = arguments[0]", theme)
                self.open(path)
                bad = self.script(CONTRAST)
                self.check(f"{path} in {theme}: text contrast", not bad, str(bad))
        self.script("localStorage.removeItem('towerco.theme')")

    def keyboard(self):
        self.open("/")
        self.press("g", "i")
        self.check("G I goes to incidents", self.until("return location.pathname === '/incidents'"))
        rows = self.until("return document.querySelectorAll('.incident-row').length")
        self.check("there is an incident to triage", bool(rows))
        if not rows:
            return
        self.press("j")
        self.check("J selects a row and says so in the address", self.until("return new URLSearchParams(location.search).get('sel')"))
        self.press("?")
        self.check("? shows the keys", self.until("return document.querySelector('[role=dialog]') && 1"))
        self.press(Keys.ESCAPE)
        self.check("Esc closes them", self.until("return !document.querySelector('[role=dialog]')"))
        ActionChains(self.driver).key_down(Keys.CONTROL).send_keys("k").key_up(Keys.CONTROL).perform()
        self.check("Ctrl K opens the command menu", self.until("return document.querySelector('.command-menu') && 1"))
        self.press(*"platform", Keys.ENTER)
        self.check("the command menu goes there", self.until("return location.pathname === '/platform'"))
        self.press("g", "i")
        number = self.until("""const row = [...document.querySelectorAll('.incident-row')].find(r => !r.classList.contains('over') && !r.querySelector('.avatar'));
            return row && row.id.slice(4)""")
        self.check("an incident without an owner is open", bool(number))
        if not number:
            return
        self.open(f"/incidents/{number}")
        self.check("the incident says why in one sentence", self.until("return document.querySelector('.sentence')?.textContent.length > 10"))
        self.press("a")
        self.check("A acknowledges", self.until("return document.querySelector('.incident-head .chip') && !document.querySelector('.incident-commands .primary')", 5))
        self.press("c")
        self.until("return document.querySelector('[role=dialog] textarea') && 1")
        self.press(*"seen from here")
        ActionChains(self.driver).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
        self.check("C comments, and the history has it", self.until("return document.querySelector('.history')?.textContent.includes('seen from here')", 6))
        self.press("v")
        self.check("V asks what the cause was", self.until("return document.querySelector('[role=dialog] .verdict-fields input[type=radio]') && 1"))
        self.script("document.querySelector('[role=dialog] .verdict-fields input[type=radio]').click()")
        named = self.script("return document.querySelectorAll('[role=dialog] .verdict-fields input[type=radio]').length > 1")
        if not named:
            self.until("return document.querySelectorAll('[role=dialog] .verdict-fields option').length > 3 && 1")
            self.script("""const s = document.querySelector('[role=dialog] .verdict-fields select'); const o = [...s.options].find(o => !o.disabled);
                Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set.call(s, o.value); s.dispatchEvent(new Event('change', {bubbles: true}))""")
        self.until("return !document.querySelector('[role=dialog] .button.primary').disabled && 1")
        self.script("document.querySelector('[role=dialog] .button.primary').click()")
        self.check("the incident shows the verdict", self.until("return document.querySelector('.causes .verdict')?.textContent.length > 5", 6))
        self.press(Keys.ESCAPE)
        self.check("Esc goes back to the list", self.until("return location.pathname === '/incidents'"))

    def proposals(self):
        """Where outages speak for links: one is rejected with a reason, seen among the judged, and taken back."""
        self.open("/topology")
        waiting = self.until("return document.querySelectorAll('.proposals .proposal-buttons').length", 3)
        if not waiting:
            self.check("without proposed links the list says so", self.until("return document.querySelector('.proposals .empty')?.textContent.length > 20"))
            return
        self.check("the toolbar says that links wait", self.until("return [...document.querySelectorAll('.toolbar button')].some(b => /judge/.test(b.textContent)) && 1"))
        self.check("a link says how often of how many, and since when", self.script("return /in \\d+ of its \\d+ outages, .+ to .+\\./.test(document.querySelector('.proposals li').textContent)"))
        self.script("document.querySelector('.proposals .proposal-times summary').click()")
        self.check("its outages are shown", self.until("return document.querySelectorAll('.proposals li:first-child .proposal-times li').length >= 3"))
        self.script("document.querySelectorAll('.proposals .proposal-buttons button')[1].click()")
        self.check("a verdict says what follows from it", self.until("return document.querySelector('[role=dialog] .second')?.textContent.length > 20"))
        self.press(*"two poles", Keys.ENTER)
        self.check("the verdict stands among the judged, with its reason", self.until("return document.querySelector('.proposals .judged')?.textContent.includes('two poles')", 8))
        self.check("and waits no more", self.until(f"return document.querySelectorAll('.proposals .proposal-buttons').length === {waiting - 1} && 1"))
        self.script("document.querySelector('.proposals .judged').open = true; document.querySelector('.proposals .judged button').click()")
        self.check("taken back it waits again", self.until(f"return document.querySelectorAll('.proposals .proposal-buttons').length === {waiting}", 90))

    def samples(self):
        self.open("/incidents")
        number = self.until("return document.querySelector('.incident-row')?.id.slice(4)", 130)
        self.open("/sites")
        site = self.until("return document.querySelector('.site-line:not(.head) a')?.getAttribute('href')")
        found = [f"/incidents/{number}"] if number else []
        if site:
            found += [site, site + "/environment", site + "/history"]
        self.check("an incident and a site are there to look at", len(found) == 4, str(found))
        return found

    def long_table(self):
        self.open("/alarms?scope=all")
        if not self.until("return document.querySelectorAll('.alarm-line').length > 1 && 1"):
            self.check("alarms are listed", False, "no rows")
            return
        most = 0
        for share in (0.1, 0.35, 0.8, 1, 0):
            self.script("const l = document.querySelector('.long'); l.scrollTop = l.scrollHeight * arguments[0]", share)
            time.sleep(0.25)
            most = max(most, self.script("return document.querySelectorAll('.alarm-line').length"))
        self.check("at most 60 rows and the header are in the document", most <= 61, str(most))

    def finish(self):
        self.drain()
        self.check("no error in the browser's console", not self.errors, "; ".join(self.errors[:4]))
        own = urllib.parse.urlsplit(self.base).netloc
        self.check("no request leaves the origin", self.origins <= {own}, str(self.origins - {own}))
        self.check("requests were seen at all", own in self.origins, str(self.origins))
        self.driver.quit()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base")
    parser.add_argument("user")
    parser.add_argument("password")
    parser.add_argument("--shots", type=pathlib.Path, help="write a screenshot of every route and width here")
    arguments = parser.parse_args()
    if arguments.shots:
        arguments.shots.mkdir(parents=True, exist_ok=True)
    run = Run(arguments.base, arguments.shots)
    try:
        run.sign_in(arguments.user, arguments.password)
        sample = run.samples()
        run.keyboard()
        run.proposals()
        run.walk(sample)
        run.themes(sample)
        run.long_table()
    except WebDriverException as cause:
        run.check("the run came to its end", False, str(cause).splitlines()[0])
    finally:
        run.finish()
        print(f"{run.passed} passed, {run.failed} failed", flush=True)
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
