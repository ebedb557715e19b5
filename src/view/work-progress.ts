import type { Watcher } from "../pipeline/watcher.ts"
import { saySize } from "./words.ts"

const redrawEvery = 100

/** One line on a terminal that is drawn over while something long goes on; silent anywhere else. */
export function workProgress(lively: boolean, doing: string): Watcher {
  let line = ""
  let done = 0
  let expected = 0
  let drawnAt = 0
  const draw = (text: string) => process.stderr.write(`\r\u001b[K${text}`)
  return {
    begins(label, bytes) {
      done = 0
      expected = bytes
      line = `${doing} ${label}`
      if (lively) draw(line)
    },
    progress(bytes) {
      done += bytes
      const now = performance.now()
      if (!lively || now - drawnAt < redrawEvery) return
      drawnAt = now
      const share = expected === 0 ? 0 : Math.min(100, Math.floor((100 * done) / expected))
      draw(`${line} · ${share} % (${saySize(done)})`)
    },
    ends() {
      if (lively) draw("")
    },
  }
}
