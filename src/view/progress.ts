import type { ExportWatcher } from "../pipeline/act.ts"
import { saySize } from "./words.ts"

const redrawEvery = 100

/** One line on a terminal that is drawn over while a session is saved; silent anywhere else. */
export function exportProgress(lively: boolean, total: number): ExportWatcher {
  let number = 0
  let label = ""
  let done = 0
  let expected = 0
  let drawnAt = 0
  const draw = (text: string) => process.stderr.write(`\r\u001b[K${text}`)
  return {
    begins(session) {
      number++
      done = 0
      expected = 2 * session.sizeBytes // every byte is copied, then compared
      const place = total > 1 && number <= total ? `${number}/${total} ` : "" // a kill may save one again
      label = `${place}${session.id?.slice(0, 8) ?? ""}`
      if (lively) draw(`saving ${label} · ${saySize(session.sizeBytes)}`)
    },
    progress(bytes) {
      done += bytes
      const now = performance.now()
      if (!lively || now - drawnAt < redrawEvery) return
      drawnAt = now
      const share = expected === 0 ? 0 : Math.min(100, Math.floor((100 * done) / expected))
      draw(`saving ${label} · ${share} % of ${saySize(expected / 2)}`)
    },
    ends() {
      if (lively) draw("")
    },
  }
}
