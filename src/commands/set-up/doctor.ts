import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { inspectBinary } from "../../operations/doctor/binary.ts"
import { inspectClients } from "../../operations/doctor/clients.ts"
import { inspectData } from "../../operations/doctor/data.ts"
import { inspectFiles } from "../../operations/doctor/files.ts"
import { inspectIndex } from "../../operations/doctor/index-findings.ts"
import { inspectLost } from "../../operations/doctor/lost.ts"
import { inspectPlugins } from "../../operations/doctor/plugins.ts"
import { inspectProcesses } from "../../operations/doctor/processes.ts"
import { inspectSessions } from "../../operations/doctor/sessions.ts"
import { inspectRoom, inspectWatcher } from "../../operations/doctor/watcher.ts"
import { listPlugins } from "../../operations/plugin-dev/inventory.ts"
import { databaseMeant, repairDatabase } from "../../operations/repair/database.ts"
import { examineTranscript } from "../../operations/repair/examine.ts"
import { openSubject } from "../../operations/repair/subject.ts"
import { ownClientHomes } from "../../operations/setup/homes.ts"
import { watcherStanding } from "../../operations/watch/installed.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { scanAll, scanAtRisk } from "../../pipeline/scan.ts"
import { databaseDocument, showDatabase } from "../../view/repair/database.ts"
import { examinationDocument, showExamination } from "../../view/repair/repair.ts"
import { doctorDocument, showDoctor } from "../../view/setup/doctor.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, type Parsed, pluginsFlag, worst } from "../framework/command.ts"
import { mayLoadPlugins, openEnvironment } from "../framework/environment.ts"

export default command(
  "doctor",
  "Check the installation, clients and data folder, and suggest fixes; read-only",
  {
    transcript: {
      type: "positional",
      required: false,
      description: "A session, a transcript file or an OpenCode database: what is wrong with it",
    },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  ["session-rescue doctor", "session-rescue doctor --json", "session-rescue doctor 01e5af14"],
  async (parsed, signal) => {
    if (parsed.names.length > 0) return examineNamed(parsed, signal)
    const { ctx, out, json, warnings, paths, config } = await openEnvironment(parsed, signal, [])
    const configWarnings = [...warnings]
    const homes = ownClientHomes(ctx)
    const found = await detectAll(ctx, null)
    const { sessions } = await scanAll(found, ctx)
    const endangered = await scanAtRisk(found, ctx)
    const needed = endangered.sessions.reduce((sum, session) => sum + session.sizeBytes, 0)
    const plugins = mayLoadPlugins(parsed)
      ? await listPlugins({ paths, ctx, settings: config.plugins })
      : null
    const findings = [
      ...inspectBinary(version, homes),
      ...(await inspectClients(homes, sessions, ctx)),
      ...(await inspectData(paths, needed, ctx)),
      ...inspectIndex(paths),
      ...inspectSessions(homes, sessions, ctx),
      ...inspectFiles(homes, sessions, ctx),
      ...inspectLost(paths, ctx),
      await inspectProcesses(sessions, ctx),
      ...inspectPlugins(plugins, configWarnings),
      ...inspectWatcher(await watcherStanding(paths, ctx.files), paths, ctx),
      ...inspectRoom(paths, config.watch.maxBytes),
    ]
    const others = warnings.filter((warning) => !configWarnings.includes(warning))
    if (json) out.print(JSON.stringify(doctorDocument(findings, others), null, 2))
    else {
      showWarnings(others, out)
      showDoctor(findings, paths.home, out)
    }
    return worst({ failed: findings.some(({ level }) => level === "broken") })
  },
)

async function examineNamed(parsed: Parsed, signal: AbortSignal): Promise<ExitCode> {
  const [name, more] = parsed.names
  if (name === undefined || more !== undefined)
    throw new RescueError("USAGE", "doctor takes one session or file", "name it: session-rescue doctor ID")
  const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
  const database = await databaseMeant(name, { paths, ctx, verb: "doctor" })
  if (database !== null) {
    const found = await repairDatabase(database, { folder: null, version, at: new Date() })
    if (json) out.print(JSON.stringify(databaseDocument(found, true, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showDatabase(found, paths.home, out)
    }
    return found.isNeeded ? exitCodes.failed : exitCodes.done
  }
  const subject = await openSubject(name, { paths, ctx, verb: "doctor" })
  try {
    const examined = { subject, before: examineTranscript(subject) }
    if (json) out.print(JSON.stringify(examinationDocument(examined, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showExamination(examined, paths.home, out)
    }
    return examined.before.isNeeded ? exitCodes.failed : exitCodes.done
  } finally {
    subject.file.close()
  }
}
