/**
 * `bun run test/serve/browser/pictures.ts FOLDER`: every view of the page as PNG files, wide and narrow, light and dark.
 * Those of the documents are made with it; everything on them is made up.
 */
import { mkdirSync } from "node:fs"
import { join, resolve } from "node:path"
import { Serving } from "../serving.ts"
import { Chromium, looks } from "./chromium.ts"
import { tellStory } from "./story.ts"

const folder = resolve(process.argv[2] ?? "pictures")
mkdirSync(folder, { recursive: true })
const { machine, main, codex } = await tellStory()
const server = await Serving.start(machine, "--allow-actions")
const browser = await Chromium.open(machine.root)
try {
  await browser.look(looks[0] as (typeof looks)[0])
  await browser.go(server.link)
  await browser.shows(`document.querySelector("h1")?.innerText === "Sessions"`)
  const says = (text: string) => `document.body.innerText.includes(${JSON.stringify(text)})`
  const views = [
    ["sessions", "sessions", `document.querySelectorAll('main a[href^="#/session/"]').length >= 5`],
    ["session", `session/${main.id}`, says("Safari dropped it")],
    ["end", `session/${main.id}`, says("Thank you.")],
    ["codex", `session/${codex}`, says("release notes")],
    ["search", "search?q=cookie", `document.querySelectorAll("mark").length > 0`],
    ["usage", "usage", `document.querySelectorAll("svg rect").length > 3`],
    ["exports", "exports", says("verified")],
  ] as const
  for (const look of looks)
    for (const [name, view, shown] of views) {
      await browser.look(look)
      await browser.value(`location.hash = "#/${view}"`)
      await browser.shows(shown)
      await browser.value("document.activeElement.blur()")
      await browser.press(name === "end" ? "G" : "g")
      await browser.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
      await browser.screenshot(join(folder, `${name}-${look.width}-${look.dark ? "dark" : "light"}.png`))
    }
} finally {
  await browser.close()
  await server.stop()
  await machine.dispose()
}
