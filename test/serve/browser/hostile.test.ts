/** Transcripts that want more than to be read, in a real browser: whatever they hold is text. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { isInstalled } from "../../faults/harness/installed.ts"
import { assistant, record, toolResult, user } from "../../fixtures/talk/conversation.ts"
import { hostile } from "../../fixtures/talk/hostile.ts"
import { calls, ran, Talks } from "../../search/conversations.ts"
import { Serving } from "../serving.ts"
import { Chromium } from "./chromium.ts"

setDefaultTimeout(120_000)

const beacon = "http://127.0.0.1:9/beacon"
const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="window.owned=8"><script>window.owned=9</script></svg>`
const wanted = [
  ...hostile,
  "<script>window.owned = 1</script>",
  `<img src="${beacon}.png" onerror="window.owned = 2">`,
  '<iframe src="javascript:parent.owned = 3"></iframe>',
  `![beacon](${beacon}-markdown.png)`,
  `<style>@import "${beacon}.css"; * { background: url(${beacon}-style.png) }</style>`,
  `<form action="${beacon}"><button autofocus onfocus="window.owned = 4">OK</button></form>`,
  `<div style="position:fixed;inset:0;z-index:9">Type your password <input name="password"></div>`,
  '<meta http-equiv="refresh" content="0;url=javascript:window.owned=5">',
  "[one](javascript:window.owned=6) [two](JAVASCRIPT:window.owned=7) [three](java&#115;cript:window.owned=7)",
  svg,
  `![svg](data:image/svg+xml;base64,${btoa(svg)})`,
  '<a id="root" name="body"></a><form id="location"></form>',
  "\u202Egnp.exe rm -rf \u2066~\u2069",
]

describe.if(isInstalled("chromium"))("hostile, in Chromium", () => {
  let machine: Talks
  let server: Serving
  let browser: Chromium
  const all = () => machine.talk(1)
  const long = () => machine.talk(2)

  beforeAll(async () => {
    machine = new Talks()
    const together = wanted.slice(0, 30).join("\n\n")
    machine.say(all(), [
      { type: "custom-title", customTitle: wanted.at(-13), sessionId: all().id },
      ...wanted.map((text) => user(text)),
      ...wanted.map((text) => assistant(text)),
      ...wanted.flatMap((text, at) => ran(text, `c${at}`, text, { failed: at % 2 === 0 })),
      calls("<img onerror=window.owned=10 src=x>", "x1", { "<script>": together }),
      toolResult("x1", together),
      calls("Edit", "e1", { file_path: svg, old_string: together, new_string: `${together}\n${svg}` }),
      toolResult("e1", svg),
      { ...user(together), isCompactSummary: true },
      user([
        { type: "image", source: { type: "base64", media_type: "image/svg+xml", data: btoa(svg) } },
        {
          type: "image",
          source: { type: "base64", media_type: 'image/png" onload="window.owned=11', data: "AA==" },
        },
        { type: "image", source: { type: "url", url: `${beacon}-image.png` } },
      ]),
      user("the end of it"),
    ])
    machine.say(long(), [user("before the long line")])
    await Bun.write(
      machine.transcriptPath(long().id, long().cwd),
      [
        record(long(), 0, user("before the long line")),
        ...[1, 2].map((at) =>
          record(long(), at, user(`${wanted.join(" ")} `.repeat(Math.ceil(10e6 / wanted.join(" ").length)))),
        ),
        record(long(), 4, user("after the long lines")),
      ].join(""),
    )
    expect((await machine.run(["export", all().id])).code).toBe(0)
    await machine.read()
    server = await Serving.start(machine)
    browser = await Chromium.open(machine.root)
    await browser.look({ width: 1280, height: 800, dark: false })
    await browser.go(server.link)
    await browser.shows(`document.querySelectorAll('a[href^="#/session/"]').length === 2`)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    await machine?.dispose()
  })

  /** Nothing ran, nothing was asked for elsewhere, nothing is there that a transcript made. */
  async function expectHarmless(view: string): Promise<void> {
    expect([view, await browser.value("typeof window.owned"), browser.dialogs]).toEqual([
      view,
      "undefined",
      [],
    ])
    const foreign = `[...document.querySelectorAll(
      "iframe, object, embed, form[action], main img, svg, style:not([nonce]), script:not([nonce]), base, meta[http-equiv], main input[name], #root, [name=body]"
    ), ...[...document.querySelectorAll("*")].filter((each) =>
      [...each.attributes].some(({ name }) => name.startsWith("on")) || (each.hasAttribute("style") && each.getAttribute("style") !== "" && !/^height: [0-9.]+px;$/.test(each.getAttribute("style"))))
    ].map((each) => each.outerHTML.slice(0, 200))`
    expect([view, await browser.value(foreign)]).toEqual([view, []])
    const leads = `[...document.links].map((a) => a.getAttribute("href")).filter((href) => !/^(?:#\\/|https?:\\/\\/|mailto:)/.test(href))`
    expect([view, await browser.value(leads)]).toEqual([view, []])
    const elsewhere = browser.requests.filter(
      (url) => !/^(about|data|chrome)/.test(url) && new URL(url).origin !== server.origin,
    )
    expect([view, elsewhere, browser.complaints]).toEqual([view, [], []])
  }

  test("a session of scripts, forms, beacons, overlays, SVG, bidi signs and javascript: in every spelling", async () => {
    for (const detail of ["conversation", "all"]) {
      await browser.value(`location.hash = "#/session/${all().id}"`)
      await browser.shows(`document.querySelector("select") !== null`)
      await browser.value(`(() => {
        const select = document.querySelector("select")
        select.value = "${detail}"
        select.dispatchEvent(new Event("change", { bubbles: true }))
      })()`)
      const stretches = `document.querySelectorAll(".blocks > div")`
      await browser.shows(`${stretches}.length > 1`)
      const count = Number(await browser.value(`${stretches}.length`))
      const signs = new Set<unknown>()
      for (let at = 0; at < count; at++) {
        // laid out; while those above it are, the page keeps what was seen before in its place
        await browser.shows(`(${stretches}[${at}].scrollIntoView(), ${stretches}[${at}].style.height === "")`)
        await browser.value(`for (const each of document.querySelectorAll("details")) each.open = true`)
        await expectHarmless(`${detail}, stretch ${at}`)
        signs.add(await browser.value(`document.body.innerText.includes("U+202E")`))
      }
      expect([detail, signs.has(true)]).toEqual([detail, true])
      await browser.value(`location.hash = "#/sessions"`)
      await browser.shows(`document.querySelector("h1").innerText === "Sessions"`)
      await expectHarmless("sessions")
    }
  })

  test("search and exports", async () => {
    for (const query of ["script", "window owned", "javascript", "beacon"]) {
      await browser.value(`location.hash = "#/search?q=${encodeURIComponent(query)}"`)
      await browser.shows(`document.querySelectorAll("mark").length > 0`)
      await expectHarmless(`search ${query}`)
      await browser.value(`location.hash = "#/exports"`)
      await browser.shows(`document.body.innerText.includes("verified")`)
      await expectHarmless("exports")
    }
  })

  test("lines of 10 MB: their beginning is shown, what is around them too, and the page still answers", async () => {
    await browser.value(`location.hash = "#/session/${long().id}"`)
    await browser.shows(`document.body.innerText.includes("before the long line")`)
    await browser.shows(`document.body.innerText.includes("characters more")`)
    await browser.press("G")
    await browser.shows(`document.body.innerText.includes("after the long lines")`)
    await expectHarmless("long")
  })
})
