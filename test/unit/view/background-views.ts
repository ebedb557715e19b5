/** Sessions that a background service runs, and the line about it. */

import type { Background } from "../../../src/domain/session/background.ts"
import type { ClassifiedSession } from "../../../src/sdk/contracts.ts"
import { servicesOf } from "../../../src/view/sessions/background.ts"
import { statusDocument } from "../../../src/view/sessions/session-json.ts"
import { showStatus } from "../../../src/view/sessions/status.ts"
import type { SystemOutput } from "../../../src/view/terminal/output.ts"
import { classified, listed } from "../../fixtures/classified.ts"
import { liveProcess, now, pid } from "../../fixtures/session.ts"

const noNarrowing = { typed: "", limit: null, found: 0, leftOff: 0 }
const home = "/home/me"

function status(text: string) {
  const background: Background = {
    name: `0${text}`,
    program: `/${text}`,
    host: pid(12),
    service: pid(11),
    job: text,
    jobAt: now,
    listed: true,
    terminal: "pts/7" as never,
  }
  const sessions: readonly ClassifiedSession[] = [
    classified(1, { mode: "background", background, process: liveProcess(), title: text, cwd: `/${text}` }),
    classified(2, { background: { ...background, service: null }, detail: "starting again" }),
  ]
  const helper = {
    agent: "claude-code",
    home: sessions[0]?.home ?? "",
    terminal: null,
    message: text,
    hint: text,
  }
  const helpers = [
    { ...helper, pid: pid(11), role: "service" as const, sessions: [] },
    { ...helper, pid: pid(12), role: "host" as const, sessions: [] },
    { ...helper, pid: pid(13), role: "window" as const, sessions: [] },
  ]
  const services = servicesOf(helpers, sessions)
  const listedOnes = sessions.map((each) => listed(each))
  const counts = { notRead: 0, narrowed: noNarrowing, rejected: [] }
  return { listed: listedOnes, services, ...counts, explain: true, all: false, now, home, sudoUser: null }
}

export const backgroundViews = {
  "status with a background service": (out: SystemOutput, text: string) => showStatus(status(text), out),
}

export const backgroundDocuments = {
  "status with a background service": (text: string) => statusDocument(status(text), [text]),
}
