import type { Companion, KillReport } from "../../operations/kill/report.ts"
import { exportFacts, schemaVersion } from "../terminal/json.ts"
import { viewersOf } from "./windows.ts"

function companionDocument({ session, ended }: Companion) {
  return { id: session.id, pid: session.process.pid, ended }
}

export function killDocument(reports: readonly KillReport[], warnings: readonly string[]) {
  return {
    schemaVersion,
    kills: reports.map(
      ({ session, outcome, reason, hint, exports, exportsAfter, companions, survivors, terminal }) => ({
        id: session.id,
        pid: session.process.pid,
        outcome,
        reason,
        hint,
        export: exports[0] === undefined ? null : exportFacts(exports[0]),
        exports: exports.map(exportFacts),
        exportsAfter: exportsAfter.map(exportFacts),
        companions: companions.map(companionDocument),
        windows: viewersOf([session, ...companions.map((each) => each.session)]),
        survivors,
        terminal,
      }),
    ),
    warnings,
  }
}
