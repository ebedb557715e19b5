/** The views of plugins and of the doctor, each with one text in all its places. */

import { RescueError } from "../../src/session/errors.ts"
import { actDocument, showActs } from "../../src/view/acts.ts"
import { doctorDocument, showDoctor } from "../../src/view/doctor.ts"
import { checkDocument, showCheck } from "../../src/view/plugin-check.ts"
import { newDocument, showNew } from "../../src/view/plugin-new.ts"
import { listDocument, showList } from "../../src/view/plugins.ts"
import { classified } from "../menu/script.ts"
import type { View } from "./views.ts"

const home = "/home/me"
const rows = (text: string) =>
  (["loaded", "off", "refused", "failed"] as const).map((state) => {
    const more = { ok: state === "loaded", did: text, says: [text] }
    return {
      name: text,
      stage: "act",
      source: "user",
      state,
      why: text,
      mend: text,
      path: text,
      ...more,
    } as const
  })
const view = (text: string) => ({ rows: rows(text), folder: `/config/${text}`, home })
const made = (text: string) => ({ path: text, written: [`${home}/${text}`], kept: [text] })
const acts = (text: string) => {
  const session = classified(1, { title: text })
  const error = new RescueError("DISK_FULL", `no space left for ${text}`, `make room ${text}`)
  return { results: [{ session, result: { text } }], failures: [{ session, error }], interrupted: false }
}
const findings = (text: string) =>
  (["ok", "advice", "broken"] as const).map((level) => ({
    ...{ topic: "clients" as const, level, says: `${home}/${text}`, next: level === "ok" ? null : text },
  }))

export const pluginViews: Readonly<Record<string, View>> = {
  "plugin list": (out, text) => showList(view(text), out),
  "plugin check": (out, text) => showCheck(view(text), out),
  "plugin new": (out, text) => showNew(made(text), text, home, out),
  "a plugin's act": (out, text) => showActs(acts(text), out),
  doctor: (out, text) => showDoctor(findings(text), home, out),
}

export const pluginDocuments: Readonly<Record<string, (text: string) => unknown>> = {
  "plugin list": (text) => listDocument(view(text), [text]),
  "plugin check": (text) => checkDocument(rows(text), [text]),
  "plugin new": (text) => newDocument(made(text)),
  "a plugin's act": (text) => actDocument(acts(text), [text]),
  doctor: (text) => doctorDocument(findings(text), [text]),
}
