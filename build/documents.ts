/** The documents that commands print with --json, by the name of their schema in docs/schema/. */

import type { CusfLine } from "../src/domain/cusf/cusf.ts"
import type { Readable, ShownItem } from "../src/operations/search/show.ts"
import type { ShownPart } from "../src/pipeline/indexing/conversation.ts"
import type { diffDocument } from "../src/view/diff/diff.ts"
import type { actDocument } from "../src/view/export/acts.ts"
import type { exportListDocument } from "../src/view/exports/list.ts"
import type { pruneDocument } from "../src/view/exports/prune.ts"
import type { verifyDocument } from "../src/view/exports/verify.ts"
import type { handoffDocument } from "../src/view/handoff/handoff.ts"
import type { killDocument } from "../src/view/kill/kill-json.ts"
import type { packDocument, unpackDocument } from "../src/view/pack/pack.ts"
import type {
  newPluginDocument,
  pluginCheckDocument,
  pluginListDocument,
} from "../src/view/plugin-dev/plugins.ts"
import type { cxDocument, cxDryRunDocument } from "../src/view/process/process.ts"
import type { processingDocument, queueDocument } from "../src/view/process/queue.ts"
import type { reapDocument } from "../src/view/reap/reap.ts"
import type { recoverDocument } from "../src/view/recover/recover.ts"
import type { reopenDocument } from "../src/view/reopen/reopen.ts"
import type { databaseDocument } from "../src/view/repair/database.ts"
import type {
  examinationDocument,
  repairDocument,
  restoreRepairedDocument,
} from "../src/view/repair/repair.ts"
import type { restoreDocument, restoreFacts } from "../src/view/restore/restore.ts"
import type { restoresDocument } from "../src/view/restore/restore-many.ts"
import type { statsDocument, tokensDocument } from "../src/view/search/figures.ts"
import type { cxqDocument } from "../src/view/search/json.ts"
import type { dismissDocument } from "../src/view/sessions/dismissed.ts"
import type { resumeDocument } from "../src/view/sessions/resume.ts"
import type { statusDocument } from "../src/view/sessions/session-json.ts"
import type { doctorDocument } from "../src/view/setup/doctor.ts"
import type { setupDocument } from "../src/view/setup/setup.ts"
import type { renderDocument } from "../src/view/share/rendered.ts"
import type { secretsDocument } from "../src/view/share/secrets.ts"
import type { shortenDocument } from "../src/view/shorten/shorten.ts"
import type { sxDocument } from "../src/view/sx/sx.ts"
import type { pullDocument } from "../src/view/team/pull.ts"
import type { pushDocument } from "../src/view/team/push.ts"
import type { teamAnswerDocument } from "../src/view/team/search.ts"
import type { forgetDocument, remoteVerifyDocument, teamStatusDocument } from "../src/view/team/store.ts"
import type {
  errorDocument,
  exportDocument,
  helpDocument,
  versionDocument,
} from "../src/view/terminal/json.ts"
import type { usageDocument } from "../src/view/usage/usage-json.ts"
import type { watchDocument } from "../src/view/watch/watch-status.ts"

export interface Documents {
  act: ReturnType<typeof actDocument>
  archive: ReturnType<typeof processingDocument> & { dryRun: boolean }
  completions: { schemaVersion: number; shell: string; script: string }
  cx: ReturnType<typeof cxDocument>
  "cx-dry-run": ReturnType<typeof cxDryRunDocument>
  cxq: ReturnType<typeof cxqDocument>
  "cxq-tokens": ReturnType<typeof tokensDocument>
  /** A line of a file, and no answer to `--json`. */
  cusf: CusfLine
  diff: ReturnType<typeof diffDocument>
  doctor: ReturnType<typeof doctorDocument>
  "doctor-transcript": ReturnType<typeof examinationDocument>
  "repair-database": ReturnType<typeof databaseDocument>
  recover: ReturnType<typeof recoverDocument>
  reopen: ReturnType<typeof reopenDocument>
  repair: ReturnType<typeof repairDocument>
  "restore-repaired": ReturnType<typeof restoreRepairedDocument<ReturnType<typeof restoreFacts>>>
  error: ReturnType<typeof errorDocument>
  export: ReturnType<typeof exportDocument>
  handoff: ReturnType<typeof handoffDocument>
  help: ReturnType<typeof helpDocument>
  kill: ReturnType<typeof killDocument>
  list: ReturnType<typeof exportListDocument>
  "plugin-check": ReturnType<typeof pluginCheckDocument>
  "plugin-list": ReturnType<typeof pluginListDocument>
  "plugin-new": ReturnType<typeof newPluginDocument>
  pack: ReturnType<typeof packDocument>
  prune: ReturnType<typeof pruneDocument>
  unpack: ReturnType<typeof unpackDocument>
  queue: ReturnType<typeof queueDocument>
  reap: ReturnType<typeof reapDocument>
  render: ReturnType<typeof renderDocument>
  restore: ReturnType<typeof restoreDocument>
  "restore-before": ReturnType<typeof shortenDocument<ReturnType<typeof restoreFacts>>>
  restores: ReturnType<typeof restoresDocument>
  dismiss: ReturnType<typeof dismissDocument>
  resume: ReturnType<typeof resumeDocument>
  secrets: ReturnType<typeof secretsDocument>
  setup: ReturnType<typeof setupDocument>
  show: ShowDocument
  stats: ReturnType<typeof statsDocument>
  status: ReturnType<typeof statusDocument>
  sx: ReturnType<typeof sxDocument>
  usage: ReturnType<typeof usageDocument>
  verify: ReturnType<typeof verifyDocument>
  version: ReturnType<typeof versionDocument>
  "cxq-team": ReturnType<typeof teamAnswerDocument>
  forget: ReturnType<typeof forgetDocument>
  pull: ReturnType<typeof pullDocument>
  push: ReturnType<typeof pushDocument>
  team: ReturnType<typeof teamStatusDocument>
  "verify-remote": ReturnType<typeof remoteVerifyDocument>
  watch: ReturnType<typeof watchDocument>
}

/** What is read only to be shown to people is no part of it. */
interface ShownPartDocument extends Omit<ShownPart, "time" | "part"> {
  time: string | null
  part: Omit<ShownPart["part"], "edits" | "pictures">
}

/** Written item by item, so that no function returns it whole. */
interface ShowDocument {
  schemaVersion: number
  id: string
  from: Readable["from"]
  path: Readable["path"]
  items: (Exclude<ShownItem, ShownPart | { type: "usage" }> | ShownPartDocument)[]
  warnings: readonly string[]
  /** Where something went wrong on the way. */
  error?: ReturnType<typeof errorDocument>["error"]
}
