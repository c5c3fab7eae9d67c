"""The HTML page in a real browser: what it shows on a phone and on a desktop, and what a screen reader is told."""

import json
import os
import shutil

from tools import LEAK, NO_FIX, Module, go_file, npm, sh

# Looks at the page at both widths: nothing wider than the window, nothing loaded, and none of axe-core's complaints
# (WCAG 2.1 A and AA, with its best practices), with every part opened and in the light and the dark scheme.
SCRIPT = """
import puppeteer from 'PUPPETEER';
import { readFileSync } from 'fs';
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
const seen = [];
for (const [width, height] of [[390, 844], [1440, 900]]) {
  for (const scheme of ['light', 'dark']) {
    const page = await browser.newPage();
    const asked = [], said = [];
    page.on('request', request => asked.push(request.url()));
    page.on('console', message => said.push(message.text()));
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await page.setBypassCSP(true);
    await page.goto('file://' + process.env.PAGE);
    const closed = await page.evaluate(() => document.body.innerText.length);
    await page.evaluate(() => document.querySelectorAll('details').forEach(one => one.open = true));
    const opened = await page.evaluate(() => document.body.innerText.length);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    await page.evaluate(readFileSync(process.env.AXE, 'utf8'));
    const { violations } = await page.evaluate(() => axe.run());
    const wrong = violations.map(one => one.id + ': ' + one.help + ': ' + one.nodes[0].html);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${width}-${scheme}.png`, fullPage: true });
    seen.push({ width, scheme, wide, asked: asked.length, said, wrong, closed, opened });
    await page.close();
  }
}
await browser.close();
console.log(JSON.stringify(seen));
"""


def html(unleak):
    """Set SHOTS to a folder for the pictures."""
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, ["chromium", "google-chrome", "chrome"])), None)
    assert browser, "no chromium in PATH: set CHROMIUM to the program"
    package = npm("puppeteer-core")
    library = package / json.loads((package / "package.json").read_text())["exports"]["."]["import"]
    long = "x" * 300
    functions = [LEAK.format(name=f"f{at}") for at in range(8)] + [NO_FIX.format(name="g")]
    names = ["a.go", "deep/" * 12 + "b.go", f"{long[:200]}.go"]
    files = {name: go_file(functions) + f"// {long}\n" for name in names}
    for what, module in [("no findings", Module(unleak, {"a.go": "package app\n"})), ("findings", Module(unleak, files))]:
        page = module.path / "page.html"
        module.run("--format", "html", "-o", page, "--exit-zero", code=0)
        env = dict(os.environ, CHROMIUM=browser, PAGE=str(page), AXE=str(npm("axe-core") / "axe.min.js"))
        seen = json.loads(sh(["node", "--input-type=module", "-e", SCRIPT.replace("PUPPETEER", library.as_uri())], env=env).stdout)
        for one in seen:
            assert one["wide"] <= one["width"] and one["asked"] == 1 and not one["said"] and not one["wrong"], one
            assert (one["opened"] > one["closed"]) == (what == "findings"), one
        print(f"  {what}: 390 and 1440 columns of pixels, light and dark")
