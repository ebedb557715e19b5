import { exitCodes, RescueError } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { databaseMeant, repairDatabase } from "../../operations/repair/database.ts"
import { repairTranscript } from "../../operations/repair/repair.ts"
import { openSubject } from "../../operations/repair/subject.ts"
import { databaseDocument, isUsable, showDatabaseRepair } from "../../view/repair/database.ts"
import { repairDocument, showRepair } from "../../view/repair/repair.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "../framework/command.ts"
import { openEnvironment, stringFlag } from "../framework/environment.ts"
import { folderFlag } from "../framework/flag-values.ts"

export default command(
  "repair",
  "Write a repaired copy of a damaged transcript; the original is never changed",
  {
    transcript: {
      type: "positional",
      required: false,
      description:
        "Id (4 digits suffice), title or folder of a session, a transcript file, or an OpenCode database",
    },
    "dry-run": { type: "boolean", description: "Show what would be repaired, and write nothing" },
    to: { type: "string", valueHint: "FOLDER", description: "Write the copy into this folder" },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue repair 01e5af14 --dry-run",
    "session-rescue repair 01e5af14",
    "session-rescue repair ./damaged.jsonl --to /tmp/repaired",
    "session-rescue repair ~/.local/share/opencode/opencode.db",
  ],
  async (parsed, signal) => {
    const [name, more] = parsed.names
    if (name === undefined || more !== undefined)
      throw new RescueError("USAGE", "repair takes one session or file", "name it: session-rescue repair ID")
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const folder = folderFlag(stringFlag(parsed, "to")) ?? `${paths.data}/repaired`
    const dryRun = parsed.flags.has("dry-run")
    const database = await databaseMeant(name, { paths, ctx, verb: "repair" })
    if (database !== null) {
      const options = { folder: dryRun ? null : folder, version, at: new Date() }
      const found = await repairDatabase(database, options)
      if (json) out.print(JSON.stringify(databaseDocument(found, dryRun, warnings), null, 2))
      else {
        showWarnings(warnings, out)
        showDatabaseRepair(found, { home: paths.home, dryRun }, out)
      }
      return !found.isNeeded || dryRun || (isUsable(found) && found.confirmed)
        ? exitCodes.done
        : exitCodes.failed
    }
    const subject = await openSubject(name, { paths, ctx, verb: "repair" })
    try {
      const report = await repairTranscript(subject, { folder, version, dryRun, at: new Date() })
      if (json) out.print(JSON.stringify(repairDocument(report, warnings), null, 2))
      else {
        showWarnings(warnings, out)
        showRepair(report, paths.home, out)
      }
      const { copy } = report
      return copy === null || (copy.proof.holds && copy.confirmed) ? exitCodes.done : exitCodes.failed
    } finally {
      subject.file.close()
    }
  },
)
