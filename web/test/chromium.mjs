// A headless Chromium ($CHROMIUM, or where Debian has it) that draws WebGL without a graphics card, and pages of it that
// keep what went wrong.

import { chromium } from "playwright-core";

export const launch = ({ args = [] } = {}) => chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--use-gl=swiftshader", "--enable-unsafe-swiftshader", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", ...args],
});

/** Tells `wrong` each error and warning of a page; that reading pixels back is slow is no fault of the page. */
export function listen(page, wrong) {
  page.on("console", (message) => {
    const heard = ["error", "warning"].includes(message.type()) && !/GPU stall/.test(message.text());
    if (heard) wrong(`the console says: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong(`a script failed: ${error}`));
}
