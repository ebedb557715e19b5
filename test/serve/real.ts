/** What a real client has written, on the page: as its server gives it, and where there is a browser, as a person sees it. */
import { expect } from "bun:test"
import { isInstalled } from "../faults/harness/installed.ts"
import { Chromium } from "./browser/chromium.ts"
import { Serving } from "./serving.ts"

interface RealSession {
  /** Has room for the browser's profile. */
  readonly root: string
  readonly home: string
  readonly data: string
  readonly id: string
  /** What was said in it. */
  readonly texts: readonly string[]
}

export async function expectOnPage({ root, home, data, id, texts }: RealSession): Promise<void> {
  const env = { HOME: home, PATH: process.env.PATH ?? "", SESSION_RESCUE_DATA: data }
  const server = await Serving.in(root, env)
  try {
    if (!isInstalled("chromium")) {
      const key = (await server.enter()) ?? ""
      const answer = await server.get(`/api/session/${id}`, key)
      const { files, agent } = (await answer.json()) as { files: { size: number }[]; agent: string }
      const asked = new URLSearchParams({ document: "", agent, from: "0", to: `${files[0]?.size}` })
      const block = await (await server.get(`/api/session/${id}/block?${asked}`, key)).text()
      for (const text of texts) expect(block).toContain(text)
      return
    }
    const browser = await Chromium.open(root)
    try {
      await browser.look({ width: 1280, height: 800, dark: false })
      await browser.go(server.link)
      await browser.shows(`document.querySelector('a[href="#/session/${id}"]') !== null`)
      await browser.value(`document.querySelector('a[href="#/session/${id}"]').click()`)
      for (const text of texts)
        await browser.shows(`document.body.innerText.includes(${JSON.stringify(text)})`)
      expect(await browser.inaccessible()).toEqual([])
      expect(browser.complaints).toEqual([])
    } finally {
      await browser.close()
    }
  } finally {
    await server.stop()
  }
}
